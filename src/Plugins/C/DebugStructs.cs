using System.Globalization;
using System.Text.RegularExpressions;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;

namespace UapiLab.Plugins.C;

/// <summary>Structures as the compiler laid them out, from the debug information of a shared object.</summary>
internal sealed partial class DebugStructs
{
    private readonly string _path;
    private readonly Dictionary<string, Entry> _entries = [];

    /// <param name="path">The plugin's file, for messages.</param>
    /// <param name="library">The shared object.</param>
    public DebugStructs(string path, string library)
    {
        _path = path;
        var open = new Stack<(int Depth, Entry Entry)>();
        foreach (var line in CTool.Run(path, "readelf", "-W", "--debug-dump=info", library).Out.Split('\n'))
        {
            if (Head().Match(line) is { Success: true } head)
            {
                var depth = int.Parse(head.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                var entry = new Entry(head.Groups[3].Value);
                while (open.TryPeek(out var above) && above.Depth >= depth)
                {
                    open.Pop();
                }

                if (open.TryPeek(out var parent))
                {
                    parent.Entry.Children.Add(entry);
                }

                _entries[head.Groups[2].Value] = entry;
                open.Push((depth, entry));
            }
            else if (Attribute().Match(line) is { Success: true } attribute && open.TryPeek(out var of))
            {
                of.Entry.Attributes[attribute.Groups[1].Value] = attribute.Groups[2].Value.Trim();
            }
        }
    }

    /// <summary>A structure by its tag.</summary>
    /// <exception cref="InputException">There is none, or the uAPI cannot have such a field.</exception>
    public StructSpec Read(string tag, string doc,
        IReadOnlyList<(string Field, Func<FieldSpec, FieldSpec> Change)> remarks)
    {
        var found = _entries.Values.FirstOrDefault(e => e.Tag == "structure_type" && e.Name == tag
            && e.Attributes.ContainsKey("byte_size"))
            ?? throw new InputException(_path, $"struct {tag} is not in the debug information");
        var fields = Members(found, tag);
        var unknown = remarks.Select(r => r.Field).FirstOrDefault(name => !Names(fields).Contains(name));
        return unknown is null
            ? new(tag, [.. fields.Select(f => Marked(f, remarks))], found.Number("byte_size"))
            {
                Doc = doc,
                Packed = IsPacked(fields, found.Number("byte_size")),
            }
            : throw new InputException(_path, $"struct {tag} has no field {unknown}");
    }

    private static IEnumerable<string> Names(IEnumerable<FieldSpec> fields) =>
        fields.SelectMany(f => Names(f.Members).Append(f.Name));

    private static FieldSpec Marked(FieldSpec field,
        IReadOnlyList<(string Field, Func<FieldSpec, FieldSpec> Change)> remarks) =>
        remarks.Where(r => r.Field == field.Name).Aggregate(
            field with { Members = [.. field.Members.Select(m => Marked(m, remarks))] }, (f, r) => r.Change(f));

    private List<FieldSpec> Members(Entry of, string tag) =>
    [
        .. of.Children.Where(c => c.Tag == "member").Select(c => Field(c, tag)),
    ];

    private FieldSpec Field(Entry member, string tag)
    {
        var name = member.Name ?? "";
        var (type, elements) = (Target(member), 1);
        string? known = null;
        while (true)
        {
            switch (type?.Tag)
            {
                case "typedef" when type.Name!.StartsWith("__", StringComparison.Ordinal):
                    known = type.Name;
                    break;
                case "typedef" or "const_type" or "volatile_type":
                    type = Target(type);
                    continue;
                case "array_type":
                    elements *= type.Children.Where(c => c.Tag == "subrange_type")
                        .Aggregate(1, (all, c) => all * Length(c));
                    type = Target(type);
                    continue;
                case "structure_type" or "union_type":
                    return new(name, type.Tag == "union_type" ? "union" : "struct", Offset(member), elements)
                    {
                        Members = Members(type, tag),
                    };
                case "base_type":
                    known = type.Name == "char" ? "char" : (type.Attributes["encoding"].Contains("unsigned",
                        StringComparison.Ordinal) ? "__u" : "__s") + Invariant($"{8 * type.Number("byte_size")}");
                    break;
                case "enumeration_type":
                    known = Invariant($"__u{8 * type.Number("byte_size")}");
                    break;
                default:
                    throw new InputException(_path, $"struct {tag}: {name} is a pointer or of an unknown type, "
                        + "expected __u64 for an address: a pointer has another size in a 32-bit process");
            }

            return new(name, known, Offset(member), elements);
        }
    }

    private static int Length(Entry range) =>
        range.Has("count") ? range.Number("count") : range.Has("upper_bound") ? range.Number("upper_bound") + 1 : 0;

    private static int Offset(Entry member) =>
        member.Has("data_member_location") ? member.Number("data_member_location") : 0;

    /// <summary>Whether fields are where only "packed" puts them.</summary>
    private static bool IsPacked(IEnumerable<FieldSpec> fields, int size)
    {
        var widest = 1;
        foreach (var field in fields)
        {
            var digits = field.Type.TrimStart('_', 'u', 's', 'a', 'l', 'i', 'g', 'n', 'e', 'd');
            var width = int.TryParse(digits, CultureInfo.InvariantCulture, out var bits) ? bits / 8 : 1;
            widest = Math.Max(widest, width);
            if (field.Offset % width != 0)
            {
                return true;
            }
        }

        return size % widest != 0;
    }

    private Entry? Target(Entry from) =>
        from.Attributes.TryGetValue("type", out var reference) && Reference().Match(reference) is { Success: true } at
            ? _entries.GetValueOrDefault(at.Groups[1].Value) : null;

    [GeneratedRegex(@"^ *<([0-9a-f]+)><([0-9a-f]+)>: Abbrev Number: \d+ \(DW_TAG_(\w+)\)")]
    private static partial Regex Head();

    [GeneratedRegex(@"^ +<[0-9a-f]+> +DW_AT_(\w+) *: (?:\((?:strp|line_strp|string|strx\d?|data\d|sdata|udata|ref\d|"
        + @"ref_udata|exprloc|implicit_const|flag\w*|sec_offset|addr)\) *)?(.*)$")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"<0x([0-9a-f]+)>")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^\((?:indirect )?(?:line )?(?:string, )?(?:index: 0x[0-9a-f]+, )?offset: 0x[0-9a-f]+\): ")]
    private static partial Regex Indirect();

    private sealed record Entry(string Tag)
    {
        public Dictionary<string, string> Attributes { get; } = [];

        public List<Entry> Children { get; } = [];

        public string? Name => Attributes.TryGetValue("name", out var name) ? Indirect().Replace(name, "") : null;

        public bool Has(string attribute) => Attributes.ContainsKey(attribute);

        public int Number(string attribute)
        {
            var text = Attributes[attribute].Split('\t', ' ')[0];
            return text.StartsWith("0x", StringComparison.Ordinal)
                ? int.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : int.Parse(text, CultureInfo.InvariantCulture);
        }
    }
}
