using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Lab.Published;

namespace UapiLab.Cli.Published;

/// <summary>The comparison with published figures as a reader sees it.</summary>
internal static class PublishedText
{
    public static void Write(TextWriter text, IReadOnlyList<PublishedResult> results,
        IReadOnlyList<PublishedResult> withDefaults)
    {
        foreach (var table in results.GroupBy(r => r.Series.Table))
        {
            text.WriteLine(table.Key);
            text.WriteLine(new string('-', table.Key.Length));
            foreach (var result in table)
            {
                Series(text, result);
            }

            text.WriteLine();
        }

        foreach (var sentence in Sentences(results, withDefaults).Concat(Missed(results)))
        {
            text.WriteLine(sentence);
        }
    }

    /// <summary>How many rows are met.</summary>
    public static IReadOnlyList<string> Sentences(IReadOnlyList<PublishedResult> results,
        IReadOnlyList<PublishedResult> withDefaults)
    {
        var predicted = Predicted(results).Count();
        return
        [
            Invariant($"{Predicted(results).Count(o => o.IsWithin)} of {predicted} predicted rows are within a factor ")
                + Invariant($"of {Factor(PublishedOutcome.WantedPermille)}."),
            "With threadWake at its default instead of the low end of its range: "
                + Invariant($"{Predicted(withDefaults).Count(o => o.IsWithin)}."),
        ];
    }

    /// <summary>Each row and each peak that is not met.</summary>
    public static IReadOnlyList<string> Missed(IReadOnlyList<PublishedResult> results) =>
    [
        .. Predicted(results).Where(o => !o.IsWithin).Select(miss =>
            Invariant($"MISSED: {miss.Row.Table}, {miss.Row.Series}, {miss.Row.Vcpus} vCPUs: ratio ")
                + Invariant($"{Factor(miss.RatioPermille)}")),
        .. results.Where(r => r.PeakOffByDoublings > 1).Select(result =>
            Invariant($"MISSED: {result.Series.Table}, {result.Series.Name}: the peak is ")
                + Invariant($"{result.PeakOffByDoublings} doublings of vCPUs off")),
    ];

    private static IEnumerable<PublishedOutcome> Predicted(IEnumerable<PublishedResult> results) =>
        results.SelectMany(r => r.Outcomes).Where(o => !o.Row.IsFitted);

    /// <summary>A fitted value: a duration, or <c>times 1.25</c> for the factor on all costs.</summary>
    public static string Value(PublishedFitted fitted) => fitted.Fit.Cost is null
        ? $"times {Factor(fitted.Value)}" : Durations.Format(fitted.Value);

    private static void Series(TextWriter text, PublishedResult result)
    {
        text.WriteLine();
        var fitted = string.Join(", ", result.Fitted.Select(f => $"{f.Name} {Value(f)} ({f.Fit.Vcpus})"));
        text.WriteLine(
            $"{result.Series.Name}: pages/s {(result.Series.IsPerVcpu ? "of each vCPU" : "of all vCPUs")}, "
            + $"{result.Series.Encoding?.Description.FullName ?? "no encoding"}");
        text.WriteLine(fitted.Length == 0 ? "nothing fitted" : $"fitted (to row): {fitted}");
        text.WriteLine("vCPUs   measured  simulated  ratio");
        foreach (var outcome in result.Outcomes)
        {
            var verdict = outcome.Row.IsFitted ? "fitted" : outcome.IsWithin ? "" : "MISSED";
            text.WriteLine(Invariant(
                $"{outcome.Row.Vcpus,5} {outcome.Row.PagesPerSecond,10} {outcome.Simulated,10} ")
                    + Invariant($"{Factor(outcome.RatioPermille),6} {verdict}").TrimEnd());
        }
    }

    private static string Factor(long permille) => Invariant($"{permille / 1_000m:0.00}");
}
