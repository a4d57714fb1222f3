using System.Text;
using System.Text.RegularExpressions;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Harness.Uapi.Patch;

/// <summary>Brings the fields of an encoding into a structure that a text declares.</summary>
/// <param name="file">The text.</param>
/// <param name="explain">Says what a field is, where the structure is told in fragments, which need not have all of its
/// members; null of one that is declared as a whole.</param>
internal sealed class StructMerge(PatchedFile file, Func<FieldSpec, IReadOnlyList<string>>? explain = null)
{

    /// <summary>Changes what differs from linux/kvm.h.</summary>
    /// <param name="place">For messages.</param>
    /// <param name="fields">As the encoding has them.</param>
    /// <param name="upstream">As linux/kvm.h has them.</param>
    /// <param name="members">As the text has them.</param>
    /// <param name="tabs">How far they are indented.</param>
    public void Run(string place, IReadOnlyList<FieldSpec> fields, IReadOnlyList<FieldSpec> upstream,
        IReadOnlyList<CMember> members, int tabs = 1)
    {
        foreach (var field in fields)
        {
            var known = upstream.FirstOrDefault(f =>
                f.Name == field.Name && f.Members.Count > 0 == field.Members.Count > 0);
            var own = $"{place}.{(field.Name.Length > 0 ? field.Name : "(anonymous)")}";
            if (MemberFor(field, members) is { } member)
            {
                if (field.Members.Count > 0)
                {
                    Run(own, field.Members, known?.Members ?? [], member.Members, tabs + 1);
                }
                else if (known is not null && known.Elements != field.Elements && member.Elements != field.Elements)
                {
                    Resize(own, member, known.Elements, field.Elements);
                }
            }
            else if (known is not null && explain is not null)
            {
            }
            else if (known is not null)
            {
                throw new InputException(file.Name, $"expected {own} (Linux 6.8 and later)");
            }
            else if (Renamed(field, fields, upstream, members) is { } old)
            {
                var doc = new StringBuilder();
                CStruct.Members(doc, [field], tabs);
                file.Insert(old.First, [.. doc.ToString().TrimEnd('\n').Split('\n')[..^1]]);
                file.Replace(old.Line, Regex.Replace(file.Lines[old.Line], $@"\b{old.Name}\b", field.Name));
            }
            else
            {
                var to = new StringBuilder();
                CStruct.Members(to, [field], tabs);
                Add(field, PlaceFor(field, fields, members, place), to.ToString());
            }
        }
    }

    /// <summary>Where a structure is told in fragments, a new one of its fields has a fragment of its own, before that
    /// of the next.</summary>
    private void Add(FieldSpec field, int line, string text)
    {
        if (explain is null)
        {
            file.Insert(line, text);
            return;
        }

        var block = line;
        while (block > 0 && file.Lines[block] != "::")
        {
            block--;
        }

        // A member of a structure within a fragment stays in it.
        if (file.Lines.Skip(block).Take(line - block).Any(l => l.Contains('{', StringComparison.Ordinal)))
        {
            file.Insert(line, text);
            return;
        }

        file.Insert(block, ["::", "", .. text.TrimEnd('\n').Split('\n'), "", .. explain(field), ""]);
    }

    private void Resize(string place, CMember member, int before, int after)
    {
        if (member.Elements != before)
        {
            throw new InputException(Invariant($"{file.Name}:{member.Line + 1}"),
                Invariant($"expected {place} to have {before} elements, as it has where nothing was added to it"));
        }

        file.Replace(member.Line, file.Lines[member.Line].Replace(
            Invariant($"[{before}]"), Invariant($"[{after}]"), StringComparison.Ordinal));
    }

    /// <summary>The member in the bytes of which it stands; null if it is new.</summary>
    private static CMember? Renamed(FieldSpec field, IReadOnlyList<FieldSpec> fields, IReadOnlyList<FieldSpec> upstream,
        IReadOnlyList<CMember> members)
    {
        var old = upstream.FirstOrDefault(f => f.Offset == field.Offset && f.Type == field.Type
            && f.Elements == field.Elements && fields.All(now => now.Name != f.Name));
        return old is null ? null : members.FirstOrDefault(m => m.Name == old.Name);
    }

    /// <summary>Before the next field that is there; else after the last.</summary>
    private int PlaceFor(FieldSpec field, IReadOnlyList<FieldSpec> fields, IReadOnlyList<CMember> members, string place)
    {
        var next = fields.SkipWhile(f => f != field).Skip(1).Select(f => MemberFor(f, members))
            .FirstOrDefault(m => m is not null);
        return next?.First ?? (members.Count > 0 ? members[^1].Last + 1
            : throw new InputException(file.Name, $"expected members in {place}"));
    }

    private static CMember? MemberFor(FieldSpec field, IReadOnlyList<CMember> members) => members.FirstOrDefault(m =>
        m.Name == field.Name && (field.Name.Length > 0 || field.Members.Any(f => MemberFor(f, m.Members) is not null)));
}
