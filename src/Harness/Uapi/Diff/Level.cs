using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Layout;

namespace UapiLab.Harness.Uapi.Diff;

/// <summary>The direct members of a structure or union, on both ABIs.</summary>
/// <param name="IsUnion">Whether they share their bytes.</param>
/// <param name="Members">In order.</param>
/// <param name="Size">Bytes, by ABI.</param>
internal sealed record Level(bool IsUnion, IReadOnlyList<LevelMember> Members, PerAbi Size)
{
    /// <summary>The members of a structure; null if a type is not known.</summary>
    public static Level? Of(StructSpec structure) => Of(structure, isUnion: false);

    /// <summary>The members of a member.</summary>
    public static Level? Of(FieldSpec field) =>
        // A union is laid out as the only member of a structure, which changes nothing.
        field.Type == "union"
            ? Of(new StructSpec("", [field with { Name = "", Offset = 0, Elements = 1 }], 0), isUnion: true)
            : Of(new StructSpec("", field.Members, 0), isUnion: false);

    /// <summary>The member of that name, or null. Anonymous members are told apart by their order.</summary>
    public LevelMember? Find(string key) => Members.FirstOrDefault(m => m.Key == key);

    private static Level? Of(StructSpec structure, bool isUnion)
    {
        if (Layouts.Place(structure, Abi.X8664) is not { } wide || Layouts.Place(structure, Abi.I386) is not { } narrow)
        {
            return null;
        }

        var depth = isUnion ? 1 : 0;
        var members = wide.Fields.Zip(narrow.Fields).Where(p => p.First.Depth == depth).ToArray();
        return new(
            isUnion,
            [.. members.Select((m, i) => new LevelMember(
                m.First.Field.Name.Length > 0 ? m.First.Field.Name
                    : Invariant($"(anonymous {members.Take(i).Count(o => o.First.Field.Name.Length == 0) + 1})"),
                m.First.Field,
                new(m.First.Offset, m.Second.Offset),
                new(m.First.Size, m.Second.Size)))],
            new(wide.Size, narrow.Size));
    }
}

/// <summary>A member.</summary>
/// <param name="Key">Its name, or a stand-in.</param>
/// <param name="Field">As described.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Size">Its bytes.</param>
internal sealed record LevelMember(string Key, FieldSpec Field, PerAbi Offset, PerAbi Size)
{
    /// <summary>Its type as C writes it, arrays included.</summary>
    public string Type => Field.Elements == 1 ? Field.Type : Invariant($"{Field.Type}[{Field.Elements}]");

    /// <summary>Whether two have one type, for structures as far as one sees without looking into them.</summary>
    public bool IsSameType(LevelMember other) => Type == other.Type;
}

/// <summary>A number for each ABI.</summary>
internal readonly record struct PerAbi(int X8664, int I386)
{
    /// <summary>Whether it is at least the other on both.</summary>
    public bool IsAtLeast(PerAbi other) => X8664 >= other.X8664 && I386 >= other.I386;

    /// <summary>Once if both are the same.</summary>
    public override string ToString() => X8664 == I386
        ? Invariant($"{X8664}")
        : Invariant($"{X8664} on x86-64 and {I386} on i386");
}
