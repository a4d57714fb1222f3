using UapiLab.Cli.Ci;
using UapiLab.Cli.Compare;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Search;

namespace UapiLab.Cli.Check;

/// <summary>Outcomes for other tools: a case for each property of each instance, a result for each that is broken
/// (docs/ci.md).</summary>
internal static class CheckCi
{
    /// <summary>Lines of a flow; more of them nobody follows on a web page.</summary>
    private const int MostLines = 60;

    /// <param name="outcomes">What was checked, and how long it took.</param>
    /// <param name="ignored">Properties that were not asked for.</param>
    public static IReadOnlyList<CiCase> Cases(IEnumerable<(CheckOutcome Outcome, TimeSpan Elapsed)> outcomes,
        ulong ignored) =>
    [
        .. from o in outcomes
           from asked in Asked(o.Outcome, ignored).Select((Property, Index) => (Property, Index))
           select Case(o.Outcome, asked.Property) with { Seconds = asked.Index == 0 ? o.Elapsed.TotalSeconds : 0 },
    ];

    public static string Sarif(IReadOnlyList<CheckOutcome> outcomes, ulong ignored, SourceFiles sources)
    {
        var asked = outcomes.SelectMany(o => Asked(o, ignored)).Select(p => p.Property).DistinctBy(p => p.Name);
        var results =
            from outcome in outcomes
            from property in Asked(outcome, ignored).Where(p => p.Verdict == PropertyVerdict.Broken)
            let history = outcome.Histories.FirstOrDefault(h => h.Property == property.Property.Name)
            select Result(outcome, property, history, sources);
        return SarifReport.Write(RunContext.Version, [.. asked.Select(p => (p.Name, p.Doc))], [.. results]);
    }

    private static SarifResult Result(CheckOutcome outcome, PropertyResult property, History? history,
        SourceFiles sources)
    {
        var flow = (history?.Steps ?? []).Select(s => (Step: s, Line: sources.Of(s))).Where(s => s.Line is not null)
            .ToArray();
        // Where the outcome was settled, as far as the encoding had a part in it.
        var settled = history is null || history.InevitableFrom == 0 ? int.MaxValue : history.InevitableFrom;
        var (_, line) = flow.LastOrDefault(s => s.Step.Number <= settled, flow.FirstOrDefault());
        return new(property.Property.Name, "error",
            $"{outcome.Encoding} on {outcome.Instance.Name}: {Why(property, history)}",
            $"{outcome.Encoding}/{outcome.Instance.Name}/{property.Property.Name}", line,
            [.. flow.TakeLast(MostLines).Select(s => (s.Line!, Invariant($"{s.Step.Number} ")
                + $"{history!.Lanes[s.Step.Lane]}: {s.Step.Text}"))]);
    }

    private static IEnumerable<PropertyResult> Asked(CheckOutcome outcome, ulong ignored) =>
        outcome.Result.Properties.Where((p, i) => (ignored >> i & 1) == 0
            && p.Verdict != PropertyVerdict.DoesNotApply);

    private static string Why(PropertyResult property, History? history) =>
        history?.Outcome ?? "Broken: " + property.Property.Doc;

    private static CiCase Case(CheckOutcome outcome, PropertyResult property)
    {
        var history = outcome.Histories.FirstOrDefault(h => h.Property == property.Property.Name);
        (CiVerdict Verdict, string Message) said = property.Verdict switch
        {
            PropertyVerdict.Broken => (CiVerdict.Failed, Why(property, history)),
            PropertyVerdict.NotDecided when outcome.Result.Bound is { } bound =>
                (CiVerdict.Error, "not decided: " + bound),
            PropertyVerdict.NotDecided => (CiVerdict.Skipped, "not looked for, or another property ended the search"),
            PropertyVerdict.NotAsked => (CiVerdict.Skipped, "userspace can break it for its own guest"),
            PropertyVerdict.NeverSeen => (CiVerdict.Skipped, "never seen"),
            _ => (CiVerdict.Passed, ""),
        };
        return new($"{outcome.Encoding} on {outcome.Instance.Name}", property.Property.Name, said.Verdict, said.Message,
            said.Verdict == CiVerdict.Failed && history is not null ? HistoryMail.Write(history) : "");
    }
}
