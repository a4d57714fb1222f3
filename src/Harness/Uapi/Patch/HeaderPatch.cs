using System.Text;
using System.Text.RegularExpressions;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Uapi.Lint;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Harness.Uapi.Patch;

/// <summary>What an encoding brings to a tree's linux/kvm.h: each thing beside its like.</summary>
internal static class HeaderPatch
{
    public const string Path = "include/uapi/linux/kvm.h";

    /// <summary>Changes the header.</summary>
    public static void Apply(PatchedFile header, UapiModel model, TreeNumbers numbers)
    {
        Capabilities(header, model, numbers);
        foreach (var field in model.Description.Flags.Where(f => !numbers.Has(f.Name)).GroupBy(f => f.Field))
        {
            Flags(header, model, numbers, field.Key, [.. field]);
        }

        foreach (var structure in model.Description.Structs)
        {
            if (UapiModel.Existing(structure.Name) is { } upstream)
            {
                var first = header.Expect($"struct {structure.Name} (Linux 6.8 and later)",
                    line => line.StartsWith($"struct {structure.Name} {{", StringComparison.Ordinal));
                var end = header.Expect($"the end of struct {structure.Name}",
                    line => line.StartsWith("};", StringComparison.Ordinal), first);
                new StructMerge(header).Run(structure.Name, structure.Fields, upstream.Fields,
                    new CMembers(header.Lines).Of(first, end));
            }
        }

        Rest(header, model, numbers);
    }

    /// <summary>What flags of a field are called up to where they differ.</summary>
    internal static string FamilyOf(IReadOnlyList<string> flags)
    {
        var common = flags[0];
        foreach (var flag in flags)
        {
            var same = common.Zip(flag).TakeWhile(p => p.First == p.Second).Count();
            common = common[..same];
        }

        return common[..(common.LastIndexOf('_') + 1)];
    }

    /// <summary>Flags of linux/kvm.h in a field; none if the field is new.</summary>
    internal static IReadOnlyList<string> UpstreamFlagsOf(string field) =>
        [.. UpstreamNumbers.Flags.Where(f => f.Key.Field == field).OrderBy(f => f.Key.Bit).Select(f => f.Value)];

    private static void Capabilities(PatchedFile header, UapiModel model, TreeNumbers numbers)
    {
        var after = header.Expect(numbers.LastCapability,
            line => Regex.IsMatch(line, $@"^#define\s+{numbers.LastCapability}\s")) + 1;
        header.Insert(after, model.Description.Capabilities.Where(c => !numbers.Has(c.Name)).Select((c, n) =>
            Invariant($"#define {c.Name} {numbers.NextCapability(n)}{TreeNumbers.Mark}")));
    }

    private static void Flags(PatchedFile header, UapiModel model, TreeNumbers numbers, string field,
        IReadOnlyList<FlagSpec> flags)
    {
        var upstream = UpstreamFlagsOf(field);
        if (upstream.Count == 0)
        {
            return; // of a structure of its own, beside which they go
        }

        foreach (var flag in flags)
        {
            if (numbers.HolderOf(flag, FamilyOf(upstream)) is { } holder)
            {
                throw new InputException(header.Name,
                    Invariant($"expected bit {flag.Bit} of {field} to be free for {flag.Name}; {holder} has it"));
            }
        }

        var last = header.Expect(upstream[^1], line => Regex.IsMatch(line, $@"^\s*#define\s+{upstream[^1]}\s"));
        // Within a structure a comment stands as far in as the members.
        var member = last + 1 < header.Lines.Count ? header.Lines[last + 1] : "";
        var tabs = member.Length - member.TrimStart('\t').Length;
        header.Insert(last + 1, Text(to => Each(to, flags, flag => Flag(to, model, flag, tabs), apart: false)));
    }

    private static void Rest(PatchedFile header, UapiModel model, TreeNumbers numbers)
    {
        var description = model.Description;
        var end = header.Lines.Count - 1;
        while (end > 0 && !header.Lines[end].StartsWith("#endif", StringComparison.Ordinal))
        {
            end--;
        }

        var own = description.Structs.Where(s => UapiModel.Existing(s.Name) is null && !numbers.Has(s.Name)).ToArray();
        var text = Text(to =>
        {
            foreach (var field in description.Constants.Where(c => !numbers.Has(c.Name)).GroupBy(c => c.Field))
            {
                CComment.Write(to, $"Values of {field.Key}.");
                foreach (var constant in field)
                {
                    CMacros.Constant(to, constant);
                }

                to.Append('\n');
            }

            Each(to, own, structure => CStruct.Write(to, structure));
            Each(to, description.Flags.Where(f => UpstreamFlagsOf(f.Field).Count == 0 && !numbers.Has(f.Name)),
                flag => Flag(to, model, flag));
            var ioctls = description.Ioctls.Where(i => !UpstreamIoctls.Has(i.Name) && !numbers.Has(i.Name)).ToArray();
            Each(to, ioctls.SelectMany(i => i.Operations).DistinctBy(o => o.Name).Where(o => !numbers.Has(o.Name)),
                operation => CMacros.Operation(to, operation));
            Each(to, ioctls, ioctl =>
            {
                CMacros.Ioctl(to, ioctl with { Number = numbers.NumberFor(ioctl) });
                to.Insert(to.Length - 1, TreeNumbers.Mark);
            });
        });
        if (text.Length > 0)
        {
            header.Insert(end, text.TrimEnd('\n').Split('\n').Append(""));
        }
    }

    private static void Flag(StringBuilder to, UapiModel model, FlagSpec flag, int tabs = 0) =>
        CMacros.Flag(to, flag, new LintSubject(model).FieldAt(flag.Field), tabs);

    private static void Each<T>(StringBuilder to, IEnumerable<T> items, Action<T> write, bool apart = true)
    {
        foreach (var item in items)
        {
            write(item);
            to.Append(apart ? "\n" : "");
        }
    }

    private static string Text(Action<StringBuilder> write)
    {
        var to = new StringBuilder();
        write(to);
        return to.ToString();
    }
}
