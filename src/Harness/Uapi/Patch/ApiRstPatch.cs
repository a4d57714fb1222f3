using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Uapi.Diff;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Harness.Uapi.Patch;

/// <summary>What an encoding brings to a tree's api.rst: ioctls to chapter 4, fields and flags beside their like,
/// capabilities to the chapters 6 to 8.</summary>
internal static partial class ApiRstPatch
{
    public const string Path = "Documentation/virt/kvm/api.rst";

    private const int IoctlChapter = 4;
    private const int RunChapter = 5;
    private const int Columns = 72;

    /// <summary>Changes the document.</summary>
    public static void Apply(PatchedFile file, UapiModel model, TreeNumbers numbers)
    {
        foreach (var structure in model.Description.Structs)
        {
            if (UapiModel.Existing(structure.Name) is { } upstream && Changes(model, structure.Name).Length > 0)
            {
                Structure(file, model, structure, upstream);
            }
        }

        foreach (var field in model.Description.Flags.Where(f => !numbers.Has(f.Name)).GroupBy(f => f.Field))
        {
            Flags(file, field.Key, [.. field]);
        }

        var next = new Dictionary<int, int>();
        foreach (var ioctl in model.Description.Ioctls.Where(i => !UpstreamIoctls.Has(i.Name) && !numbers.Has(i.Name)))
        {
            Section(file, IoctlChapter, next, (to, number) => ApiDoc.Ioctl(to, model, ioctl, number));
        }

        foreach (var structure in ApiDoc.Shared(model).Where(s => !numbers.Has(s.Name)))
        {
            Section(file, IoctlChapter, next, (to, number) => ApiDoc.Structure(to, model, structure, number));
        }

        foreach (var capability in model.Description.Capabilities.Where(c => !numbers.Has(c.Name)))
        {
            Section(file, ApiDoc.ChapterOf(capability), next,
                (to, number) => ApiDoc.Capability(to, model, capability, number));
        }
    }

    private static UapiChange[] Changes(UapiModel model, string structure) =>
        [.. UapiDiff.Structs(UapiModel.Upstream, model).Where(c => c.Place.Split('.')[0] == structure)];

    private static void Structure(PatchedFile file, UapiModel model, StructSpec structure, StructSpec upstream)
    {
        var first = file.Expect($"the listing of struct {structure.Name}",
            line => line.TrimStart().StartsWith($"struct {structure.Name} {{", StringComparison.Ordinal));

        // kvm_run is told in fragments, through the whole of its chapter.
        var isRun = structure.Name == LinuxKvm.Run.Name;
        var end = isRun ? Chapter(file, RunChapter + 1)
            : file.Expect($"the end of struct {structure.Name}", line => line.Trim() == "};", first);
        new StructMerge(file, isRun ? field => Explained(model, field, field.Name) : null).Run(structure.Name,
            structure.Fields, upstream.Fields, new CMembers(file.Lines).Of(first, end));
        foreach (var (place, fields) in New(structure.Name, structure.Fields, upstream.Fields)
            .Where(n => n.Place != LinuxKvm.Run.Name))
        {
            file.Insert(EndOfText(file, place, first), fields.SelectMany(f => Explained(model, f, f.Name).Append("")));
        }
    }

    /// <summary>Flags of a field, behind its others: in their list, or at the end of the text if there is
    /// none.</summary>
    private static void Flags(PatchedFile file, string field, IReadOnlyList<FlagSpec> flags)
    {
        if (HeaderPatch.UpstreamFlagsOf(field) is not [.., var last])
        {
            return;
        }

        var said = flags.Select(f => (f.Name, Text: f.Doc + ApiDoc.Gate(f)));
        if (file.Find(line => line.StartsWith($" - {last} ", StringComparison.Ordinal)) is { } item)
        {
            var end = file.Expect($"the end of what is said of {last}", line => line.Length == 0, item);
            file.Insert(end, said.SelectMany(f =>
                WordWrap.Fill($"{f.Name} - {f.Text}", Columns).Select((line, n) => (n == 0 ? " - " : "   ") + line)));
            return;
        }

        var structure = field.Split('.')[0];
        var listing = file.Expect($"the listing of struct {structure}",
            line => line.TrimStart().StartsWith($"struct {structure} {{", StringComparison.Ordinal));
        var to = new StringBuilder();
        foreach (var (name, text) in said)
        {
            ApiDoc.Paragraph(to, $"{name}: {text}");
        }

        file.Insert(EndOfText(file, InnerOf(field), listing), to.ToString().TrimEnd('\n').Split('\n').Append(""));
    }

    /// <summary>A place without its last name: kvm_run.memory_fault, or kvm_run.</summary>
    private static string InnerOf(string place) => place[..place.LastIndexOf('.')];

    /// <summary>Fields that linux/kvm.h has not, and that are not padding, by the structure that holds them.</summary>
    private static IEnumerable<(string Place, IReadOnlyList<FieldSpec> Fields)> New(string place,
        IReadOnlyList<FieldSpec> fields, IReadOnlyList<FieldSpec> upstream)
    {
        FieldSpec? Known(FieldSpec field) => upstream.FirstOrDefault(f => f.Name == field.Name);
        FieldSpec[] own = [.. fields.Where(f => f.Doc.Length > 0 && f.Members.Count == 0 && Known(f) is null)];
        return (own.Length > 0 ? [(place, own)] : Array.Empty<(string, IReadOnlyList<FieldSpec>)>())
            .Concat(fields.Where(f => f.Members.Count > 0).SelectMany(f => New(
                f.Name.Length > 0 ? $"{place}.{f.Name}" : place, f.Members, Known(f)?.Members ?? [])));
    }

    /// <summary>What a field is, and its values.</summary>
    private static string[] Explained(UapiModel model, FieldSpec field, string name)
    {
        var to = new StringBuilder();
        var gate = field.ValidWith.Length == 0 ? ""
            : $" {(field.FilledByKvm ? "Valid" : "Looked at only")} with {field.ValidWith}.";
        ApiDoc.Paragraph(to, $"``{name}``: {field.Doc}{gate}");
        var region = RegionText.Of(model, field);
        ApiDoc.Paragraph(to, region is null ? "" : RegionText.Addressing(region));
        if (region is not null && model.Description.Interception == Interception.Memslot)
        {
            ApiDoc.Paragraph(to, RegionText.TakesEffect(field.ValidWith));
            ApiDoc.Paragraph(to, RegionText.BesideGuestMemfd);
        }

        ApiDoc.Table(to, model.Description.Constants.Where(c => c.Field == name)
            .Select(c => (c.Name, Invariant($"{c.Value}. {c.Doc}"))));
        return to.ToString().TrimEnd('\n').Split('\n');
    }

    /// <summary>Where the text about a structure ends: at the next block of code if it is told in fragments, else at
    /// the next title.</summary>
    private static int EndOfText(PatchedFile file, string place, int listing)
    {
        var inner = place.Split('.').Skip(1).FirstOrDefault();
        var isRun = place.Split('.')[0] == LinuxKvm.Run.Name;
        var from = inner is not null && isRun
            ? file.Expect($"the end of {place}", line => line.Trim() == $"}} {inner};", listing)
            : isRun ? file.Expect("the padding of kvm_run", line => line.Trim().StartsWith("__u8 padding1",
                StringComparison.Ordinal), listing)
            : listing;
        for (var line = from + 1; line + 1 < file.Lines.Count; line++)
        {
            var isTitle = file.Lines[line].Length > 0 && Rule().IsMatch(file.Lines[line + 1]);
            if (isTitle || (isRun && file.Lines[line] == "::"))
            {
                return line;
            }
        }

        return file.Lines.Count;
    }

    /// <summary>Adds a section at the end of a chapter.</summary>
    private static void Section(PatchedFile file, int chapter, Dictionary<int, int> next,
        Action<StringBuilder, string> write)
    {
        var (begin, end) = (Chapter(file, chapter), Chapter(file, chapter + 1));
        if (!next.TryGetValue(chapter, out var number))
        {
            number = 1 + file.Lines.Skip(begin).Take(end - begin).Select(line => Numbered().Match(line))
                .Where(m => m.Success && m.Groups[1].Value == chapter.ToString(CultureInfo.InvariantCulture))
                .Select(m => int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max();
        }

        next[chapter] = number + 1;
        var to = new StringBuilder();
        write(to, Invariant($"{chapter}.{number}"));
        file.Insert(end, to.ToString().Trim('\n').Split('\n').Append(""));
    }

    private static int Chapter(PatchedFile file, int number) => file.Expect(Invariant($"chapter {number}"),
        line => line.StartsWith(Invariant($"{number}. "), StringComparison.Ordinal));

    [GeneratedRegex(@"^(?:-{3,}|={3,}|\^{3,})$")]
    private static partial Regex Rule();

    [GeneratedRegex(@"^(\d+)\.(\d+)\.? ")]
    private static partial Regex Numbered();
}
