using System.Text.Json;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Pages.Model;

/// <summary>What a page shows of report.json (docs/report-format.md). A page is made from the file and from nothing
/// else, so one that is made later from the file is the same.</summary>
public sealed record ReportDocument
{
    private const int Version = 1;

    /// <summary>Larger numbers, which nothing that is measured has, could not be computed with.</summary>
    private const decimal Largest = 1e18m;

    /// <summary>The one list whose elements may be null.</summary>
    private const string MayHoldNull = "speedupOverNeverAsync";

    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public required int SchemaVersion { get; init; }
    public required string Command { get; init; }
    public required IReadOnlyList<string> Seeds { get; init; }
    public required string Incomplete { get; init; }
    public required string? Baseline { get; init; }
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

    /// <summary>Reads the file.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="place">Its name, for messages.</param>
    /// <exception cref="InputException">It is none.</exception>
    public static ReportDocument Read(ReadOnlySpan<byte> json, string place)
    {
        ReportDocument? document;
        try
        {
            if (Odd(json) is { } odd)
            {
                var line = Invariant($"{place}:{json[..(int)odd.At].Count((byte)'\n') + 1}");
                throw new InputException(line, odd.Expected);
            }

            document = JsonSerializer.Deserialize<ReportDocument>(json, s_options);
        }
        catch (JsonException e)
        {
            var line = e.LineNumber is { } at ? Invariant($":{at + 1}") : "";
            var what = e.Path is { Length: > 0 } path ? $" at {path}" : "";
            throw new InputException(place + line, $"expected a report.json that compare of this version wrote{what}");
        }

        return document switch
        {
            null => throw new InputException(place, "expected a report.json that compare of this version wrote"),
            { SchemaVersion: not Version } => throw new InputException(place,
                Invariant($"schemaVersion is {document.SchemaVersion}, expected {Version}")),
            _ => document.Checked(place),
        };
    }

    /// <summary>The entry of an encoding.</summary>
    public EncodingPart EncodingOf(string name) => Encodings.First(e => e.Name == name);

    /// <summary>A cell under the common policy. Where the accuracy does not matter one cell stands for all.</summary>
    public CellPart? CellOf(string encoding, string workload, decimal? predict) => Cells.FirstOrDefault(c =>
        c.Encoding == encoding && c.Workload == workload && c.IsCommon
        && (c.Predict is null || predict is null || c.Predict == predict));

    /// <summary>The first value that the types of the parts do not exclude and a page cannot show.</summary>
    private static (long At, string Expected)? Odd(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var containers = new Stack<string?>(); // the name of a list, null for an object
        var name = "";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = reader.GetString()!;
                    break;
                case JsonTokenType.StartArray:
                    containers.Push(name);
                    break;
                case JsonTokenType.StartObject:
                    containers.Push(null);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    containers.Pop();
                    break;
                case JsonTokenType.Null when containers.TryPeek(out var list) && list is not (null or MayHoldNull):
                    return (reader.TokenStartIndex, $"expected no null in '{list}'");
                case JsonTokenType.Number
                    when name != "seed" && (!reader.TryGetDecimal(out var value) || Math.Abs(value) > Largest):
                    return (reader.TokenStartIndex, $"expected a number of at most 1e18 for '{name}'");
                default:
                    break;
            }
        }

        return null;
    }

    /// <summary>What the parts say of each other.</summary>
    private ReportDocument Checked(string place)
    {
        var encodings = Encodings.Select(e => e.Name).ToHashSet();
        var unknown = Cells.Select(c => c.Encoding).Concat(Answer?.Ranking.Select(r => r.Encoding) ?? [])
            .Concat(Sweep?.Rows.Select(r => r.Encoding) ?? []).Concat(BreakEven?.Rows.Select(r => r.Encoding) ?? [])
            .Concat(Stability?.Rows.SelectMany(r => r.Flips.Concat(r.Ties).Concat(r.Robust))
                .SelectMany(p => new[] { p.Faster, p.Slower }) ?? [])
            .FirstOrDefault(e => !encodings.Contains(e));
        if (unknown is not null)
        {
            throw new InputException(place, $"there is no encoding '{unknown}' in it, expected one of its encodings");
        }

        if (Answer?.Ranking.FirstOrDefault(r => r.Marks.Count != Answer.Workloads.Count) is { } row)
        {
            throw new InputException(place,
                $"the row of '{row.Encoding}' in the ranking does not match its workloads, expected a mark for each");
        }

        return Sweep?.Rows.FirstOrDefault(r => r.SpeedupOverNeverAsync.Count != Sweep.Values.Count) is { } swept
            ? throw new InputException(place,
                $"the row of '{swept.Encoding}' in the sweep does not match its values, expected a speed-up for each")
            : this;
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
    bool ReportedAsItComesOut, int BitsPerGfn)
{
    /// <summary>The name, with a star if it is our own variant of an idea that was never posted.</summary>
    public string Starred => NeverPosted ? Name + "*" : Name;
}

public sealed record WorkloadPart(string Name, string Policy, IReadOnlyList<string> Notes);

public sealed record CellPart(
    string Encoding, string Workload, string Policy, string PolicyRole, decimal? Predict,
    IReadOnlyDictionary<string, IntervalPart?> Metrics, IReadOnlyDictionary<string, long> Violations, string Error)
{
    public bool IsCommon => PolicyRole == "common";

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

public sealed record StabilityPart(int Tables, int Seeds, IReadOnlyList<StabilityRowPart> Rows);

public sealed record StabilityRowPart(
    string Workload, IReadOnlyList<PairPart> Flips, IReadOnlyList<PairPart> Ties, IReadOnlyList<PairPart> Robust);

public sealed record PairPart(string Faster, string Slower, IReadOnlyList<string>? By = null);

public sealed record CostPart(string Name, long Ns, long LowNs, long HighNs, string Origin, string Source);
