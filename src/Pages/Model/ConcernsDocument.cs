namespace UapiLab.Pages.Model;

/// <summary>What a page shows of the cells of <c>concerns --json</c> (docs/concerns.md).</summary>
public sealed record ConcernsDocument : ResultFile
{
    public required int Schema { get; init; }
    public required ConcernsAnswerPart Answer { get; init; }
    public required IReadOnlyList<ConcernPart> Concerns { get; init; }
    public required IReadOnlyList<ConcernCellPart> Cells { get; init; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<string> Encodings => [.. Cells.Select(c => c.Encoding).Distinct()];

    internal override (string Member, int Version) VersionSaid => ("schema", Schema);

    /// <summary>The cells with their places in the file.</summary>
    public IEnumerable<(ConcernCellPart Cell, int At)> CellsOf(string concern) =>
        Cells.Select((c, at) => (c, at)).Where(c => c.c.Concern == concern);

    internal override string? Contradiction() =>
        Cells.Select(c => c.Concern).Except(Concerns.Select(c => c.Id)).FirstOrDefault() is { } unknown
            ? $"there is no concern '{unknown}' in it, expected one of its concerns"
        : Cells.GroupBy(c => (c.Concern, c.Encoding)).FirstOrDefault(g => g.Count() > 1) is { Key: var twice }
            ? $"{twice.Concern} of '{twice.Encoding}' stands there twice, expected one cell"
        : null;
}

public sealed record ConcernsAnswerPart(IReadOnlyList<string> Sentences);

public sealed record ConcernPart(string Id, string Title, string Question);

public sealed record ConcernCellPart(
    string Concern, string Encoding, string Verdict, string Summary, IReadOnlyList<EvidencePart> Evidence)
{
    /// <summary>Sign, words and class of the style sheet, those that matter most last.</summary>
    public static IReadOnlyList<(string Verdict, string Sign, string Word, string Kind)> Looks { get; } =
    [
        ("holds", "✓", "holds", "robust"),
        ("holdsAtACost", "$", "at a cost", "cost"),
        ("needsAbiBreak", "!", "ABI break", "tie"),
        ("notDecided", "?", "not decided", "tie"),
        ("broken", "✗", "BROKEN", "flip"),
    ];

    /// <summary>A verdict that is none is not decided.</summary>
    public (string Verdict, string Sign, string Word, string Kind) Look =>
        Looks.FirstOrDefault(l => l.Verdict == Verdict, Looks[3]);
}

public sealed record EvidencePart(string Text, string Command, string Details, CurvePart? Curve = null);

public sealed record CurvePart(
    string What, string Parameter, decimal Level, IReadOnlyList<CurvePointPart> Points,
    IReadOnlyList<CrossingPart> Crossings);

public sealed record CurvePointPart(string At, decimal? Mean = null, decimal? Low = null, decimal? High = null);

public sealed record CrossingPart(bool Rises, string After, string At, string? Low = null, string? High = null)
{
    public string Text(decimal level) => Invariant($"{(Rises ? "rises above" : "falls below")} {level:0.###} at {At}")
        + (Low == After && High == At ? "" : $" [{Low ?? "…"}, {High ?? "…"}]");
}
