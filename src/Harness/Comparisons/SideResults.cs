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
/// <param name="Tables">Cost tables looked at in which one price, or all, are at an end of their ranges.</param>
/// <param name="Seeds">Repetitions of each.</param>
/// <param name="Points">Cost tables in which all prices vary together.</param>
/// <param name="PointSeeds">Repetitions of each of these.</param>
/// <param name="Rows">One for each workload.</param>
internal sealed record RankingStability(int Tables, int Seeds, IReadOnlyList<PricedCosts> Points, int PointSeeds,
    IReadOnlyList<StabilityRow> Rows)
{
    /// <summary>Orderings that some costs change.</summary>
    public IEnumerable<Ordering> Open => Rows.SelectMany(r => r.Orderings.Where(o => !o.IsRobust));

    /// <summary>The points that an ordering names.</summary>
    public IEnumerable<PricedCosts> NamedPoints
    {
        get
        {
            var named = Rows.SelectMany(r => r.Orderings).SelectMany(o => o.ReversedBy.Concat(o.TiedAt)).ToHashSet();
            return Points.Where(p => named.Contains(p.Key));
        }
    }
}

/// <summary>The ranking of one workload under its common policy.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Orderings">Pairs of encodings whose order at the costs of the comparison is beyond noise.</param>
internal sealed record StabilityRow(string Workload, IReadOnlyList<Ordering> Orderings)
{
    /// <summary>Those whose order some other costs reverse.</summary>
    public IEnumerable<Ordering> Flips => Orderings.Where(o => o.ReversedBy.Count > 0);

    /// <summary>Those that some other costs leave within noise.</summary>
    public IEnumerable<Ordering> Ties => Orderings.Where(o => o.TiedAt.Count > 0);
}

/// <summary>A pair of encodings in the order that the costs of the comparison give.</summary>
/// <param name="Faster">The faster one.</param>
/// <param name="Slower">The other.</param>
internal sealed record Ordering(string Faster, string Slower)
{
    /// <summary>Which costs reverse it: <c>all=low</c>, <c>all=high</c>, a constant such as <c>threadWake=high</c>, and
    /// of the points at which all vary together the first, such as <c>together=17</c>.</summary>
    public IReadOnlyList<string> ReversedBy { get; init; } = [];

    /// <summary>Which costs leave the two within noise.</summary>
    public IReadOnlyList<string> TiedAt { get; init; } = [];

    /// <summary>At how many points it is the same.</summary>
    public int Kept { get; init; }

    /// <summary>At how many points both finish.</summary>
    public int Points { get; init; }

    /// <summary>The constant that says most of whether it is kept; null if none says anything.</summary>
    public Settling? SettledBy { get; init; }

    /// <summary>What moves it most, the most first.</summary>
    public IReadOnlyList<TornadoBar> Tornado { get; init; } = [];

    /// <summary>No costs that were looked at change it.</summary>
    public bool IsRobust => ReversedBy.Count + TiedAt.Count == 0;
}

/// <summary>A constant on one side of which an ordering is kept.</summary>
/// <param name="Price">The constant.</param>
/// <param name="AtNs">Its value from which on the other side begins.</param>
/// <param name="IsKeptBelow">Whether it is kept below that.</param>
/// <param name="Points">At how many points that is right.</param>
internal sealed record Settling(string Price, long AtNs, bool IsKeptBelow, int Points);

/// <summary>What one constant does to an ordering.</summary>
/// <param name="Price">The constant.</param>
/// <param name="Low">Elapsed time of the slower encoding over that of the faster one at its low end; null where one
/// does not finish, or the constant is there already.</param>
/// <param name="High">The same at its high end.</param>
internal sealed record TornadoBar(string Price, decimal? Low, decimal? High);
