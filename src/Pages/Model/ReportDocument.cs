using System.Globalization;
using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Pages.Model;

/// <summary>What a page shows of report.json (docs/report-format.md).</summary>
public sealed record ReportDocument : ResultFile
{
    public required int SchemaVersion { get; init; }
    public required string Command { get; init; }
    public required IReadOnlyList<string> Seeds { get; init; }
    public required string Incomplete { get; init; }
    public required string? Baseline { get; init; }
    public required string? Oracle { get; init; }
    public required AnswerPart? Answer { get; init; }
    public required IReadOnlyList<EncodingPart> Encodings { get; init; }
    public required IReadOnlyList<WorkloadPart> Workloads { get; init; }
    public required IReadOnlyList<CellPart> Cells { get; init; }
    public required IReadOnlyList<ClaimPart> Claims { get; init; }
    public required IReadOnlyList<ClaimPart> Expectations { get; init; }
    public required IReadOnlyList<string> Statements { get; init; }
    public required IReadOnlyList<FindingPart> Findings { get; init; }
    public required SweepPart? Sweep { get; init; }
    public required BreakEvenPart? BreakEven { get; init; }
    public required StabilityPart? Stability { get; init; }
    public required IReadOnlyList<CostPart> Costs { get; init; }
    public required int Runs { get; init; }
    public required IReadOnlyList<string> Method { get; init; }

    internal override (string Member, int Version) VersionSaid => ("schemaVersion", SchemaVersion);

    /// <summary>The entry of an encoding.</summary>
    public EncodingPart EncodingOf(string name) => Encodings.First(e => e.Name == name);

    /// <summary>A cell under the common policy. Where the accuracy does not matter one cell stands for all.</summary>
    public CellPart? CellOf(string encoding, string workload, decimal? predict) => Cells.FirstOrDefault(c =>
        c.Encoding == encoding && c.Workload == workload && c.IsCommon
        && (c.Predict is null || predict is null || c.Predict == predict));

    internal override string? Contradiction()
    {
        var encodings = Encodings.Select(e => e.Name).ToHashSet();
        var unknown = Cells.Select(c => c.Encoding).Concat(Answer?.Ranking.Select(r => r.Encoding) ?? [])
            .Concat(Sweep?.Rows.Select(r => r.Encoding) ?? []).Concat(BreakEven?.Rows.Select(r => r.Encoding) ?? [])
            .Concat(Stability?.Rows.SelectMany(r => r.Flips.Concat(r.Ties).Concat(r.Robust))
                .SelectMany(p => new[] { p.Faster, p.Slower }) ?? [])
            .FirstOrDefault(e => !encodings.Contains(e));
        return unknown is not null ? $"there is no encoding '{unknown}' in it, expected one of its encodings"
            : Answer?.Ranking.FirstOrDefault(r => r.Marks.Count != Answer.Workloads.Count) is { } row
            ? $"the row of '{row.Encoding}' in the ranking does not match its workloads, expected a mark for each"
            : Sweep?.Rows.FirstOrDefault(r => r.SpeedupOverNeverAsync.Count != Sweep.Values.Count) is { } swept
            ? $"the row of '{swept.Encoding}' in the sweep does not match its values, expected a speed-up for each"
            : Cells.Any(c => c.Latencies is null)
            ? "there are fault latencies of no length, expected the longest of a bucket in ns and its number of faults"
            : null;
    }
}

public sealed record AnswerPart(
    IReadOnlyList<string> Sentences, string Verdict, IReadOnlyList<string> Preferred,
    IReadOnlyList<AnswerWorkloadPart> Workloads, IReadOnlyList<RankingPart> Ranking, int? Orderings,
    int? CostDependent);

public sealed record AnswerWorkloadPart(string Name);

public sealed record RankingPart(
    string Encoding, string Label, decimal? Predict, int? Rank, decimal? Behind, string? BehindOn,
    decimal? BackToBackPerFault, decimal? ExitsPerFault, IReadOnlyList<MarkPart> Marks, int Failures,
    string? CanTell = null, int? UapiParts = null);

public sealed record MarkPart(decimal? Speedup, bool Fastest, bool SlowerThanBaseline);

public sealed record EncodingPart(
    string Name, string Summary, string Origin, string Note, bool NeverPosted, bool ReferencePoint,
    bool ReportedAsItComesOut, int BitsPerGfn, IReadOnlyList<OwnEventPart> OwnEvents)
{
    /// <summary>The name, with a star if it is our own variant of an idea that was never posted.</summary>
    public string Starred => NeverPosted ? Name + "*" : Name;
}

public sealed record OwnEventPart(string Name, string Doc);

public sealed record WorkloadPart(string Name, string Policy, IReadOnlyList<string> Notes);

public sealed record CellPart(
    string Encoding, string Workload, string Policy, string PolicyRole, decimal? Predict,
    IReadOnlyDictionary<string, IntervalPart?> Metrics, IReadOnlyDictionary<string, long> Violations,
    IReadOnlyDictionary<string, IntervalPart?> OwnEvents, string Error,
    IReadOnlyDictionary<string, long>? FaultLatencies = null)
{
    /// <summary>What is longer could not be computed with.</summary>
    private const long Longest = (long)1e15;

    public bool IsCommon => PolicyRole == "common";

    /// <summary>How many faults took how long, by the longest latency of a bucket; null if that is not what stands
    /// there.</summary>
    public IReadOnlyList<(long UpToNs, long Faults)>? Latencies
    {
        get
        {
            (long UpToNs, long Faults)[] all =
            [
                .. (FaultLatencies ?? new Dictionary<string, long>()).Select(b => (long.TryParse(b.Key,
                    NumberStyles.None, CultureInfo.InvariantCulture, out var ns) ? ns : 0, b.Value)).Order(),
            ];
            return all.Any(b => b.UpToNs is < 1 or > Longest || b.Faults is < 1 or > Longest) ? null : all;
        }
    }

    public IntervalPart? Speedup => Metrics.GetValueOrDefault("speedupOverNeverAsync");

    /// <summary>Mean of a metric for each fault; null if it cannot be told.</summary>
    public decimal? PerFault(string metric) =>
        Metrics.GetValueOrDefault(metric) is { } value
            && Metrics.GetValueOrDefault("faults") is { Mean: > 0.001m } faults
            ? value.Mean / faults.Mean
            : null;
}

public sealed record IntervalPart(decimal Mean, decimal Low, decimal High)
{
    /// <summary>As other reports write it. One repetition has three equal values and no interval.</summary>
    public Summary Summary => new(Low == High ? 1 : 2, Mean, Low, High);
}

public sealed record ClaimPart(
    string Proposal, string Id, string Text, string Verdict, string Metric, string? Per, string Encoding,
    string? Versus, string? By, string Workload, string Policy, string Relation, decimal Value, decimal Tolerance,
    IntervalPart? Measured, string Reason, string Otherwise);

public sealed record FindingPart(string Workload, string Text);

public sealed record SweepPart(
    string Workload, string Parameter, string Doc, IReadOnlyList<decimal> Values, IReadOnlyList<SweepRowPart> Rows,
    IReadOnlyList<decimal> Bounds, decimal? Published);

public sealed record SweepRowPart(string Encoding, IReadOnlyList<IntervalPart?> SpeedupOverNeverAsync);

public sealed record BreakEvenPart(
    string Workload, string Policy, long LowNs, long HighNs, IReadOnlyList<BreakEvenRowPart> Rows);

public sealed record BreakEvenRowPart(string Encoding, string Costs, long? FetchNs, string Remark);

public sealed record StabilityPart(
    int Tables, int Seeds, int Points, int PointSeeds, IReadOnlyList<StabilityRowPart> Rows);

public sealed record StabilityRowPart(
    string Workload, IReadOnlyList<PairPart> Flips, IReadOnlyList<PairPart> Ties, IReadOnlyList<PairPart> Robust);

public sealed record PairPart(
    string Faster, string Slower, IReadOnlyList<string> By, int Kept, int Points, SettlingPart? SettledBy,
    IReadOnlyList<TornadoBarPart> Tornado);

public sealed record SettlingPart(string Price, long AtNs, bool IsKeptBelow, int Points);

public sealed record TornadoBarPart(string Price, decimal? Low, decimal? High);

public sealed record CostPart(string Name, long Ns, long LowNs, long HighNs, string Origin, string Source);
