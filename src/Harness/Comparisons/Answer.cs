namespace UapiLab.Harness.Comparisons;

/// <summary>How an answer came out.</summary>
internal enum AnswerVerdict
{
    /// <summary>One encoding is to be preferred.</summary>
    Prefer,
    /// <summary>Several are not told apart.</summary>
    NoClearWinner,
    /// <summary>Only one encoding can be ranked.</summary>
    OneEncoding,
    /// <summary>No encoding can be ranked.</summary>
    NoEncoding,
}

/// <summary>Which encoding a report says to prefer, and why. The rules are in docs/report-format.md.</summary>
/// <param name="Verdict">How it came out.</param>
/// <param name="Preferred">The encodings at the head of the ranking: one, or several that are not told apart.</param>
/// <param name="Next">The first one behind them; null if there is none.</param>
/// <param name="Workloads">The workloads that decide, with the fastest encodings of each.</param>
/// <param name="Missing">Workloads that would decide and are not in the report.</param>
/// <param name="Rows">Every encoding with its figures: ranked ones first, then those that cannot be ranked, then the
/// reference points.</param>
/// <param name="Orderings">Orderings beyond noise; null if cost ranges were not tried.</param>
/// <param name="CostDependent">Those of them that some cost within its range reverses or leaves within noise.</param>
/// <param name="Sentences">The answer in words.</param>
internal sealed record Answer(
    AnswerVerdict Verdict,
    IReadOnlyList<string> Preferred,
    string? Next,
    IReadOnlyList<AnswerWorkload> Workloads,
    IReadOnlyList<string> Missing,
    IReadOnlyList<AnswerRow> Rows,
    int? Orderings,
    int? CostDependent,
    IReadOnlyList<string> Sentences);

/// <summary>A workload that decides.</summary>
/// <param name="Name">The workload.</param>
/// <param name="Heading">The name without options, for a column.</param>
/// <param name="Fastest">The encoding with the lowest mean time, and after it those not told apart from it.</param>
/// <param name="Speedup">Mean speed-up of the first; null if there is none.</param>
internal sealed record AnswerWorkload(string Name, string Heading, IReadOnlyList<string> Fastest, decimal? Speedup);

/// <summary>An encoding at one accuracy of prediction.</summary>
/// <param name="Encoding">Its name.</param>
/// <param name="Label">The name with its marks.</param>
/// <param name="Predict">The accuracy; null where it does not matter.</param>
/// <param name="Rank">Place in the ranking, the same for those not told apart from the first; null if the row is not
/// ranked.</param>
/// <param name="Behind">Time at most, as a multiple of that of the fastest encoding; null if it cannot be told.</param>
/// <param name="BehindOn">The workload on which that is.</param>
/// <param name="BackToBack">Not-presents back to back with their ready, per fault of the first workload.</param>
/// <param name="Exits">Exits to userspace per fault of the first workload.</param>
/// <param name="Tells">Whether KVM can tell sync from async; null if that was not asked.</param>
/// <param name="Marks">One for each workload.</param>
/// <param name="Failures">Variations in which a rule or the contract was broken.</param>
/// <param name="UapiParts">What it adds to the uAPI, as a count of its parts.</param>
internal sealed record AnswerRow(
    string Encoding,
    string Label,
    decimal? Predict,
    int? Rank,
    decimal? Behind,
    string? BehindOn,
    decimal? BackToBack,
    decimal? Exits,
    KvmTells? Tells,
    IReadOnlyList<AnswerMark> Marks,
    int Failures,
    int UapiParts);

/// <summary>A speed-up and how it stands.</summary>
/// <param name="Speedup">Mean speed-up over the baseline; null if it cannot be told.</param>
/// <param name="IsFastest">Whether no encoding that can be ranked is told apart as faster.</param>
/// <param name="IsSlowerThanBaseline">Whether it is told apart from the baseline as slower.</param>
internal sealed record AnswerMark(decimal? Speedup, bool IsFastest, bool IsSlowerThanBaseline);
