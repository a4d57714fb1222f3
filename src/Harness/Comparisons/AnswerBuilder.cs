using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons;

/// <summary>Says which encoding to prefer. Every rule is stated in docs/report-format.md, "The answer".</summary>
internal sealed class AnswerBuilder
{
    /// <summary>Two encodings are told apart only if the mean of the ratio of their times is so far from 1.</summary>
    private const decimal Margin = 0.01m;

    private const int MostWorkloads = 3;

    /// <summary>The workload whose faults are all resolved before the vCPU re-enters.</summary>
    public const string AllSync = "all-sync";

    /// <summary>The kinds of VMM for which one asks: all resolved at once, half of it, and post-copy.</summary>
    private static readonly string[] s_kinds = [AllSync, "mixed", "post-copy"];

    private readonly ComparisonReport _report;
    private readonly WorkloadEntry[] _workloads;
    private readonly Dictionary<string, Figures?> _fastest = [];
    private readonly Figures[] _rankable;

    private AnswerBuilder(ComparisonReport report)
    {
        _report = report;
        _workloads = Deciding(report);
        All =
        [
            .. from encoding in report.Encodings
               from predict in Levels(encoding.Name)
               select new Figures(encoding, predict.Accuracy, predict.IsLowest,
                   [.. _workloads.Select(w => CellOf(encoding.Name, w.Name, predict.IsLowest))],
                   report.PolicySearches.Where(s => s.Encoding == encoding.Name).Sum(s =>
                       s.Outcomes.Count(o => o.IsBroken))),
        ];
        _rankable = [.. All.Where(f => f.IsLowest && CanBeRanked(f))];
        for (var at = 0; at < _workloads.Length; at++)
        {
            _fastest[_workloads[at].Name] = _rankable.OrderBy(f => f.Mean(at)).FirstOrDefault();
        }
    }

    private Figures[] All { get; }

    /// <summary>The answer of a report that is finished, as far as it is.</summary>
    public static Answer Build(ComparisonReport report) => new AnswerBuilder(report).Build();

    private Answer Build()
    {
        var byDistance = _rankable.OrderBy(f => Worst(f).Ratio.Mean).ToArray();
        var head = Head(byDistance);
        Figures[] ranked = [.. head, .. byDistance.Except(head)];
        var next = ranked.ElementAtOrDefault(head.Length);
        var orderings = _report.Stability?.Rows.Sum(r => r.Orderings.Count);
        var dependent = _report.Stability?.Open.Count();
        var answer = new Answer(
            (ranked.Length, head.Length) switch
            {
                (0, _) => AnswerVerdict.NoEncoding,
                (1, _) => AnswerVerdict.OneEncoding,
                (_, 1) => AnswerVerdict.Prefer,
                _ => AnswerVerdict.NoClearWinner,
            },
            [.. head.Select(f => f.Entry.Name)],
            next?.Entry.Name,
            [.. _workloads.Select(Workload)],
            [.. s_kinds.Where(kind => _workloads.All(w => Heading(w) != kind))],
            [.. Rows(ranked, head)],
            orderings,
            dependent,
            []);
        return answer with { Sentences = AnswerSentences.Of(_report, answer) };
    }

    /// <summary>The first by distance and those not told apart from it, without any that another of them
    /// beats.</summary>
    private Figures[] Head(Figures[] byDistance)
    {
        Figures[] near =
            [.. byDistance.Where(f => f == byDistance[0] || !IsApart(Worst(byDistance[0]).Ratio, Worst(f).Ratio))];
        Figures[] head = [.. near.Where(f => !near.Any(other => Beats(other, f)))];
        return head.Length > 0 ? head : near;
    }

    /// <summary>Whether one encoding is faster than another on a workload, and slower on none.</summary>
    private static bool Beats(Figures better, Figures worse) =>
        worse.Cells.Zip(better.Cells).Any(c => IsSlower(c.First, c.Second))
        && !worse.Cells.Zip(better.Cells).Any(c => IsSlower(c.Second, c.First));

    private AnswerWorkload Workload(WorkloadEntry workload, int at)
    {
        var fastest = _fastest[workload.Name];
        var ties = _rankable.Where(f => f != fastest && !IsSlower(f.Cells[at], fastest?.Cells[at]))
            .OrderBy(f => f.Mean(at));
        return new(workload.Name, Heading(workload), fastest is null ? []
            : [.. ties.Prepend(fastest).Select(f => f.Entry.Name)], fastest?.Cells[at]?[Metric.Speedup]?.Mean);
    }

    private IEnumerable<AnswerRow> Rows(Figures[] ranked, Figures[] head)
    {
        var order = All.OrderBy(f => f.Entry.IsReferencePoint).ThenBy(f => !IsInRanking(f))
            .ThenBy(f => !head.Contains(f)).ThenBy(f => IsInRanking(f) ? Worst(f).Ratio.Mean : 0);
        foreach (var figures in order)
        {
            var place = Array.IndexOf(ranked, figures);
            var isMeasured = _rankable.Length > 0 && IsInRanking(figures);
            var first = figures.Cells.FirstOrDefault();
            yield return new(
                figures.Entry.Name,
                figures.Predict is { } p ? $"{figures.Entry.Starred} p={p.Text()}" : figures.Entry.Starred,
                figures.Predict,
                place < 0 ? null : head.Contains(figures) ? 1 : place + 1,
                isMeasured ? Worst(figures).Ratio.Mean : null,
                isMeasured ? Worst(figures).Workload : null,
                first?.PerFault(Metric.BackToBackApf),
                first?.PerFault(Metric.Exits),
                _report.Tells.TryGetValue(figures.Entry.Name, out var tells) ? tells : null,
                [.. figures.Cells.Select((cell, at) => Mark(figures, cell, at))],
                figures.Failures,
                figures.Entry.UapiParts);
        }
    }

    private AnswerMark Mark(Figures figures, Cell? cell, int at) => new(
        cell?[Metric.Speedup]?.Mean,
        IsFastest: CanBeRanked(figures) && !IsSlower(cell, _fastest[_workloads[at].Name]?.Cells[at]),
        IsSlowerThanBaseline: _report.Baseline is { } baseline
            && IsSlower(cell, CellOf(baseline, _workloads[at].Name, lowest: true)));

    /// <summary>Whether there is a place for it among the ranked ones: at a higher accuracy it has no rank of its
    /// own.</summary>
    private bool IsInRanking(Figures figures) => _rankable.Length > 0 && CanBeRanked(figures);

    private static bool CanBeRanked(Figures figures) =>
        !figures.Entry.IsReferencePoint && figures.Failures == 0 && figures.Cells.Count > 0
        && figures.Cells.All(c => c is { Error.Length: 0, Elapsed.Count: > 0 });

    /// <summary>Its time as a multiple of that of the fastest, on the workload where that is most.</summary>
    private (Summary Ratio, string Workload) Worst(Figures figures) => _workloads
        .Select((w, at) => (Ratio: Ratio.Of(figures.Cells[at]!.Elapsed, _fastest[w.Name]!.Cells[at]!.Elapsed), w.Name))
        .MaxBy(r => r.Ratio.Mean);

    /// <summary>Whether one encoding is less far behind than another, beyond noise.</summary>
    private static bool IsApart(Summary less, Summary more) =>
        less.HasInterval && less.High < more.Low && more.Mean - less.Mean >= Margin;

    private static bool IsSlower(Cell? cell, Cell? other) =>
        cell is { Elapsed.Count: > 0 } && other is { Elapsed.Count: > 0 }
        && Ratio.Of(cell.Elapsed, other.Elapsed) is { HasInterval: true } ratio && ratio.Low > 1
        && ratio.Mean >= 1 + Margin;

    private static WorkloadEntry[] Deciding(ComparisonReport report)
    {
        WorkloadEntry[] kinds =
        [
            .. s_kinds.Select(kind => report.Workloads.FirstOrDefault(w => Heading(w) == kind)).OfType<WorkloadEntry>(),
        ];
        return kinds.Length > 0 ? kinds : [.. report.Workloads.Take(MostWorkloads)];
    }

    private static string Heading(WorkloadEntry workload) => workload.Name.Split(':')[0];

    /// <summary>The lowest and the highest accuracy at which there are results, or none where it does not
    /// matter.</summary>
    private IEnumerable<(decimal? Accuracy, bool IsLowest)> Levels(string encoding)
    {
        var levels = _workloads.SelectMany(w => CellsOf(encoding, w.Name)).Select(c => c.Predict).OfType<decimal>()
            .Distinct().Order().ToArray();
        yield return (levels.Length > 1 ? levels[0] : null, true);
        if (levels.Length > 1)
        {
            yield return (levels[^1], false);
        }
    }

    private Cell? CellOf(string encoding, string workload, bool lowest)
    {
        var cells = CellsOf(encoding, workload);
        return lowest ? cells.MinBy(c => c.Predict ?? 0) : cells.MaxBy(c => c.Predict ?? 0);
    }

    private IEnumerable<Cell> CellsOf(string encoding, string workload) => _report.Cells.Where(c =>
        c.Encoding == encoding && c.Workload == workload && c.Role == PolicyRole.Common);

    /// <summary>What the runs of an encoding at one accuracy say, workload by workload.</summary>
    private sealed record Figures(EncodingEntry Entry, decimal? Predict, bool IsLowest, IReadOnlyList<Cell?> Cells,
        int Failures)
    {
        public decimal Mean(int at) => Cells[at]!.Elapsed.Sum() / Cells[at]!.Elapsed.Count;
    }
}
