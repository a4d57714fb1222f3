using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Comparisons;

/// <summary>A sweep over one parameter.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Parameter">What was varied.</param>
/// <param name="Doc">What it means.</param>
/// <param name="Values">Its values.</param>
/// <param name="Rows">One for each encoding.</param>
public sealed record SweepResult(
    string Workload, string Parameter, string Doc, IReadOnlyList<decimal> Values, IReadOnlyList<SweepRow> Rows)
{
    /// <summary>The highest speed-up that each value allows; empty if none is known.</summary>
    public IReadOnlyList<decimal> Bounds { get; init; } = [];

    /// <summary>A speed-up that was published for the workload; null if none was.</summary>
    public decimal? Published { get; init; }
}

/// <summary>An encoding in a sweep.</summary>
/// <param name="Encoding">Its name.</param>
/// <param name="Speedups">Over the baseline, one for each value; null where it cannot be told.</param>
public sealed record SweepRow(string Encoding, IReadOnlyList<Summary?> Speedups);

/// <summary>Fetch times at which encodings stop paying.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Policy">The policy.</param>
/// <param name="LowNs">Shortest fetch looked at.</param>
/// <param name="HighNs">Longest.</param>
/// <param name="Rows">For each encoding whose elapsed time differs from the baseline's, one row per cost table.</param>
public sealed record BreakEvenResult(
    string Workload, string Policy, long LowNs, long HighNs, IReadOnlyList<BreakEvenRow> Rows);

/// <summary>The fetch time at which an encoding is as fast as the baseline: slower below, faster above.</summary>
/// <param name="Encoding">Its name.</param>
/// <param name="Costs"><c>default</c>, <c>low</c> or <c>high</c>.</param>
/// <param name="FetchNs">Break-even; null if no crossing was found.</param>
/// <param name="LowestSpeedup">Lowest speed-up at any fetch time looked at; null if it cannot be told.</param>
/// <param name="LowestAtNs">Where.</param>
/// <param name="HighestSpeedup">Highest.</param>
/// <param name="HighestAtNs">Where.</param>
/// <param name="Remark">What is to be said of it; empty if nothing.</param>
public sealed record BreakEvenRow(
    string Encoding,
    string Costs,
    long? FetchNs,
    decimal? LowestSpeedup,
    long LowestAtNs,
    decimal? HighestSpeedup,
    long HighestAtNs,
    string Remark);

/// <summary>Whether rankings hold over the ranges of the costs.</summary>
/// <param name="Tables">Cost tables looked at besides the one of the comparison.</param>
/// <param name="Seeds">Repetitions of each.</param>
/// <param name="Rows">One for each workload.</param>
internal sealed record RankingStability(int Tables, int Seeds, IReadOnlyList<StabilityRow> Rows);

/// <summary>The ranking of one workload under its common policy.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="OrderedPairs">Pairs of encodings whose order at the costs of the comparison is beyond noise.</param>
/// <param name="Flips">Those whose order some other costs reverse.</param>
/// <param name="Ties">Those that some other costs leave within noise.</param>
/// <param name="Robust">Those whose order no other costs change.</param>
internal sealed record StabilityRow(string Workload, int OrderedPairs, IReadOnlyList<RankingFlip> Flips,
    IReadOnlyList<RankingFlip> Ties, IReadOnlyList<RankingPair> Robust);

/// <summary>A pair of encodings in the order that the costs of the comparison give.</summary>
/// <param name="Faster">The faster one.</param>
/// <param name="Slower">The other.</param>
internal sealed record RankingPair(string Faster, string Slower);

/// <summary>A pair of encodings whose order depends on costs.</summary>
/// <param name="Faster">The faster one at the costs of the comparison.</param>
/// <param name="Slower">The other.</param>
/// <param name="By">Which costs reverse the order, or leave it within noise: <c>all=low</c>, <c>all=high</c>, or a
/// constant such as
/// <c>threadWake=high</c>.</param>
internal sealed record RankingFlip(string Faster, string Slower, IReadOnlyList<string> By);
