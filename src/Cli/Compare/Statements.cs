using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Compare;

/// <summary>Statements about encodings that have a name in the discussion; the harness makes none.</summary>
internal static class Statements
{
    private const string Pair = "mixed-threads";

    /// <summary>Adds those for which the report has the figures.</summary>
    public static ComparisonReport AddTo(ComparisonReport report) => report with
    {
        Statements = [.. Gain(report), .. Mix(report), .. BreakEven(report), .. Expected(report)],
    };

    private static IEnumerable<string> Gain(ComparisonReport report)
    {
        var cell = report.Cells.FirstOrDefault(c => c.Encoding == DefaultMatrix.Rfc && c.Workload == Pair
            && c.Role == PolicyRole.Common);
        if (cell?[Metric.Speedup] is { } speedup)
        {
            yield return $"The RFC's pair of threads at 10 ms per fault: the RFC as posted is {Percent(speedup.Mean)} "
                + $"faster than never-async "
                + $"(speed-up {Words.Interval(speedup)}), with one vCPU, 200 faults 2 us apart, 5 % of accesses in "
                    + $"kernel mode, and as much to compute as there is to wait for (mix=1), which allows most. "
                    + $"The RFC reports 26 %, and does not say how much there was to compute.";
        }
    }

    private static IEnumerable<string> Mix(ComparisonReport report)
    {
        if (report.Sweep is { } sweep && sweep.Rows.FirstOrDefault(r => r.Encoding == DefaultMatrix.Rfc) is { } row)
        {
            var points = sweep.Values.Zip(row.Speedups, sweep.Bounds).Where(p => p.Second is not null)
                .Select(p => $"{Percent(p.Second!.Value.Mean)} of {Percent(p.Third)} at mix={p.First}");
            yield return $"The mix bounds the gain: where computing and fetching overlap fully, m times as much "
                + $"computing as waiting gains (1 + m) / max(1, m). The RFC as posted gains "
                + $"{string.Join(", ", points)}. "
                + $"The RFC's 26 % is the bound of mix=0.26 and of mix=3.85; that a run reaches it confirms nothing.";
        }
    }

    private static IEnumerable<string> BreakEven(ComparisonReport report)
    {
        if (report.BreakEven is not { } result)
        {
            yield break;
        }

        string[] found =
        [
            .. from row in result.Rows
               where !report.EncodingOf(row.Encoding).IsReferencePoint
               group row by row.Encoding into rows
               where rows.All(r => r.FetchNs is not null)
               let times =
                   $"{Words.Duration(rows.First().FetchNs)} ({Words.Duration(rows.Min(r => r.FetchNs))} to "
                       + $"{Words.Duration(rows.Max(r => r.FetchNs))} over the cost ranges)"
               group report.EncodingOf(rows.Key).Starred by times into same
               select $"{same.Key} for {string.Join(", ", same)}",
        ];
        if (found.Length > 0)
        {
            yield return $"On the same pair an APF stops paying when fetches are shorter than "
                + $"{string.Join("; ", found)}.";
        }
    }

    private static IEnumerable<string> Expected(ComparisonReport report)
    {
        if (report.Expectations.Count == 0)
        {
            yield break;
        }

        var others = report.Expectations.Where(e => e.Verdict != Verdict.Holds).ToArray();
        yield return Invariant(
            $"Of {report.Expectations.Count} expectations of this project, drawn from the discussion, ")
            + Invariant($"{report.Expectations.Count - others.Length} are met.");
        foreach (var other in others)
        {
            yield return $"Expectation {other.Claim.Id} {other.Verdict.Words()}: {other.Claim.Text}. "
                + $"{other.Claim.Otherwise}".TrimEnd();
        }
    }

    private static string Percent(decimal speedup) => Invariant($"{Math.Round((speedup - 1) * 100)} %");
}
