using UapiLab.Abstractions;
using UapiLab.Harness.Lab.Concerns;

namespace UapiLab.Cli.Concerns;

/// <summary>What a person would say of the cells: the two questions of the thread, and what is broken. The rules are in
/// docs/concerns.md.</summary>
/// <param name="encodings">In the order in which they are printed.</param>
/// <param name="cells">What was decided.</param>
internal sealed class ConcernsAnswer(IReadOnlyList<string> encodings, IReadOnlyList<ConcernCell> cells)
{
    private const string CanTell = "C1";
    private const int MostNames = 3;
    private const int MostGroups = 3;

    /// <summary>A smaller loss is none.</summary>
    private const decimal Noise = 0.01m;

    public IReadOnlyList<string> Encodings => encodings;

    public IReadOnlyList<ConcernCell> Cells => cells;

    /// <summary>One to three of them.</summary>
    public IReadOnlyList<string> Sentences => [.. Tells(), .. AtOnce(), Wrong()];

    /// <summary>What the sentences are made of, for JSON.</summary>
    public object Json => new
    {
        Sentences,
        Tells = Named(c => c is { DoesNotArise: false, Verdict: ConcernVerdict.Holds }),
        CannotTell = Named(c => c.Verdict == ConcernVerdict.Broken),
        DoesNotArise = Named(c => c.DoesNotArise),
        SpeedResolvedAtOnce = Speeds().Select(s => new { s.Encoding, s.Speed }),
        Broken = List(ConcernVerdict.Broken),
        AbiBreak = List(ConcernVerdict.NeedsAbiBreak),
        NotDecided = List(ConcernVerdict.NotDecided),
    };

    public ConcernCell? Cell(string concern, string encoding) =>
        cells.FirstOrDefault(c => c.Concern == concern && c.Encoding == encoding);

    /// <summary>Whether KVM knows that a fault is resolved at once when it injects.</summary>
    private IEnumerable<string> Tells()
    {
        (string Words, string[] Names)[] groups =
        [
            ("KVM can tell sync from async before it injects with",
                Named(c => c is { DoesNotArise: false, Verdict: ConcernVerdict.Holds })),
            ("KVM cannot tell sync from async when it injects with", Named(c => c.Verdict == ConcernVerdict.Broken)),
            ("whether KVM can tell sync from async is not decided with",
                Named(c => c.Verdict == ConcernVerdict.NotDecided)),
            ("KVM need not tell with", Named(c => c.DoesNotArise)),
        ];
        var parts = groups.Where(g => g.Names.Length > 0).Select(g => $"{g.Words} {Some(g.Names)}").ToArray();
        if (parts.Length > 0)
        {
            yield return Sentence(parts);
        }
    }

    /// <summary>What is lost where the VMM resolves every fault on the vCPU thread.</summary>
    private IEnumerable<string> AtOnce()
    {
        var groups = Speeds().GroupBy(s => s.Speed >= 1 - Noise ? 0 : Math.Round((1 - s.Speed) * 100))
            .OrderBy(g => g.Key).Select(g => $"{(g.Key == 0 ? "nothing beyond 1 %" : Invariant($"{g.Key} %"))} with "
                + Some([.. g.Select(s => s.Encoding)])).ToArray();
        if (groups.Length > 0)
        {
            yield return "A VMM that resolves every fault at once loses, against exit and block, "
                + $"{string.Join(", ", groups)}.";
        }
    }

    private string Wrong()
    {
        string[] parts =
        [
            .. Grouped("broken:", ConcernVerdict.Broken), .. Grouped("ABI break:", ConcernVerdict.NeedsAbiBreak),
            .. Grouped("not decided:", ConcernVerdict.NotDecided),
        ];
        return parts.Length > 0 ? Sentence(parts)
            : cells.Count == 0 ? "Nothing was decided." : "Nothing that was asked is broken.";
    }

    /// <summary>Encodings of which the same is to be said, together; those with the most first.</summary>
    private IEnumerable<string> Grouped(string what, ConcernVerdict verdict)
    {
        var groups = Of(verdict).GroupBy(e => string.Join(", ", e.Concerns), e => e.Encoding).ToArray();
        var said = groups.OrderByDescending(g => g.Key.Count(c => c == ',')).Take(MostGroups)
            .Select(g => $"{g.Key} with {Some([.. g])}").ToArray();
        return said.Length == 0 ? []
            : [$"{what} {string.Join("; ", said)}"
                + (groups.Length > MostGroups ? Invariant($"; and {groups.Length - MostGroups} more") : "")];
    }

    private IEnumerable<(string Encoding, string[] Concerns)> Of(ConcernVerdict verdict) =>
        from encoding in encodings
        let found = cells.Where(c => c.Encoding == encoding && c.Verdict == verdict).Select(c => c.Concern).ToArray()
        where found.Length > 0
        select (encoding, found);

    private object[] List(ConcernVerdict verdict) => [.. Of(verdict).Select(e => new { e.Encoding, e.Concerns })];

    private string[] Named(Func<ConcernCell, bool> which) =>
        [.. encodings.Where(e => Cell(CanTell, e) is { } cell && which(cell))];

    private IEnumerable<(string Encoding, decimal Speed)> Speeds() =>
        from encoding in encodings
        from cell in cells
        where cell.Encoding == encoding && cell.SpeedAtOnce is not null
        select (encoding, Math.Round(cell.SpeedAtOnce!.Value, 3));

    private static string Some(string[] names) => names.Length > MostNames
        ? string.Join(", ", names.Take(MostNames)) + Invariant($" and {names.Length - MostNames} more")
        : names.Length < 2 ? string.Concat(names) : $"{string.Join(", ", names[..^1])} and {names[^1]}";

    private static string Sentence(string[] parts)
    {
        var text = string.Join("; ", parts);
        return char.ToUpperInvariant(text[0]) + text[1..] + ".";
    }
}
