using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Layout;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>What the tests of this folder are about: built-in encodings, and models with a few structures.</summary>
internal static class Headers
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    /// <summary>Every variant with a uAPI of its own, by name.</summary>
    public static IEnumerable<TheoryDataRow<string>> Names =>
        from family in s_registry.Families
        from encoding in s_registry.EveryVariant(family)
        where !encoding.Description.Traits.HasFlag(EncodingTraits.ReferencePoint)
        select new TheoryDataRow<string>(encoding.Description.FullName);

    public static Encoding Named(string name) => s_registry.Resolve(name);

    public static UapiModel Model(string name) => UapiModel.Of(Named(name));

    /// <summary>A model of nothing but these structures.</summary>
    public static UapiModel Of(params StructSpec[] structures) =>
        Of(new EncodingDescription
        {
            Structs = structures,
            Id = "x",
            FullName = "x",
            Summary = "x",
            Origin = "x",
            BitsPerGfn = 1
        });

    public static UapiModel Of(EncodingDescription description) => new(description, []);

    /// <summary>A structure from "type name" or "type name[n]", as C has it, with the offsets that x86-64
    /// gives.</summary>
    public static StructSpec Struct(string name, params string[] fields) =>
        Sized(new(name, [.. fields.Select(Field)], 0));

    /// <summary>The same with offsets and size filled in.</summary>
    public static StructSpec Sized(StructSpec structure)
    {
        PlacedStruct placed = Layouts.Place(structure, Abi.X8664)!;
        return structure with
        {
            Fields = [.. structure.Fields.Zip(placed.Fields.Where(f => f.Depth == 0),
                (field, at) => field with { Offset = at.Offset })],
            Size = placed.Size,
        };
    }

    public static FieldSpec Field(string text)
    {
        int blank = text.LastIndexOf(' ');
        string name = text[(blank + 1)..];
        int bracket = name.IndexOf('[', StringComparison.Ordinal);
        int elements = bracket < 0 ? 1 : name.EndsWith("[]", StringComparison.Ordinal) ? 0
            : int.Parse(name[(bracket + 1)..^1], System.Globalization.CultureInfo.InvariantCulture);
        return new(bracket < 0 ? name : name[..bracket], text[..blank], 0, elements);
    }
}
