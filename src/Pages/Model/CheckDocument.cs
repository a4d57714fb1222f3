namespace UapiLab.Pages.Model;

/// <summary>What a page shows of the verdicts of <c>check --json</c> (docs/cli.md).</summary>
public sealed record CheckDocument : ResultFile
{
    internal const string Broken = "broken";

    public required int Schema { get; init; }
    public required IReadOnlyList<CheckAnswerPart> Answers { get; init; }
    public required IReadOnlyList<CheckPart> Checks { get; init; }
    public required IReadOnlyList<KnowledgePart> Knowledge { get; init; }

    /// <summary>What mistakes of a VMM come to; empty if it was not asked, or by a version that did not know.</summary>
    public IReadOnlyList<MisusePart> Misuse { get; init; } = [];

    /// <summary>Properties that some check has a verdict on, those that are broken somewhere first.</summary>
    public IReadOnlyList<string> Properties =>
    [
        .. Checks.SelectMany(c => c.Properties.Keys).Distinct()
            .OrderByDescending(p => Checks.Any(c => c.Properties.GetValueOrDefault(p) == Broken)),
    ];

    internal override (string Member, int Version) VersionSaid => ("schema", Schema);

    internal override string? Contradiction() =>
        Checks.FirstOrDefault(c => !c.Instance.ContainsKey(CheckPart.Name)) is { } nameless
            ? $"a check of '{nameless.Encoding}' is on an instance without a name, expected '{CheckPart.Name}' in it"
        : Checks.SelectMany(c => c.Instance.Concat(c.Properties)).FirstOrDefault(p => p.Value is null).Key is { } empty
            ? $"there is no value for '{empty}', expected one"
        : Knowledge.SelectMany(k => k.Concerns).FirstOrDefault(c => c.Value is null).Key is { } unknown
            ? $"there is no verdict on '{unknown}', expected one"
        : null;
}

public sealed record CheckAnswerPart(string Encoding, IReadOnlyList<string> Sentences);

public sealed record CheckPart(
    string Encoding, OrderedDictionary<string, string> Instance, long States, int Depth, bool Exhausted, string? Bound,
    OrderedDictionary<string, string> Properties, IReadOnlyList<string> KernelDifferences,
    IReadOnlyList<HistoryPart> Histories)
{
    internal const string Name = "instance";

    public string On => Instance[Name];

    /// <summary>Properties with a verdict.</summary>
    public IEnumerable<string> With(string verdict) => Properties.Where(p => p.Value == verdict).Select(p => p.Key);

    public bool IsBroken => With(CheckDocument.Broken).Any();

    public string Verdict => IsBroken ? "✗ broken: " + string.Join(", ", With(CheckDocument.Broken))
        : Exhausted ? "✓ holds, exhausted"
        : $"? not decided: {Bound}";

    public static string Sign(string? verdict) => verdict switch
    {
        null => "",
        "holds" => "✓",
        "broken" => "✗",
        "seen" => "●",
        "never seen" => "○",
        _ => "?",
    };
}

public sealed record HistoryPart(string Property, string Outcome, string File, IReadOnlyList<StoryPart> Story);

public sealed record StoryPart(int Step, string By, string Text);

public sealed record KnowledgePart(
    string Encoding, long States, OrderedDictionary<string, KnownPart> Concerns);

public sealed record KnownPart(string Verdict, string IfPredictionsComeTrue, long Views, long Ambiguous);

public sealed record MisusePart(string Encoding, int Tried, int Harmful, IReadOnlyList<MistakePart> Cases)
{
    /// <summary>Those that lose the guest first, in the order of their numbers.</summary>
    public IEnumerable<MistakePart> Worst => Cases.OrderByDescending(c => c.IsHarmful);

    /// <summary>What userspace has to keep to.</summary>
    public IEnumerable<string> Rules => Cases.Where(c => c.IsHarmful).Select(c => c.Rule).Distinct();
}

public sealed record MistakePart(
    string Id, string What, string Verdict, string Why, string Refusal, string Instance, long States, string Rule)
{
    /// <summary>Whether the guest is lost.</summary>
    public bool IsHarmful => Verdict is "hangs the guest" or "corrupts the guest" or "harms KVM";
}
