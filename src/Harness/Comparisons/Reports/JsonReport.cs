using System.Text.Json;
using System.Text.Json.Serialization;
using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>report.json. Layout: docs/report-format.md.</summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions s_options =
        new(JsonText.Readable) { Converters = { new RoundedDecimal() } };

    /// <summary>The whole document, with a line feed at its end.</summary>
    public static string Write(ComparisonReport report, ReportContext context) => JsonText.Write(
        new
        {
            ComparisonReport.SchemaVersion,
            report.Command,
            report.Seed,
            seeds = report.Seeds.Select(s => Invariant($"{s}")),
            report.Incomplete,
            report.InputErrors,
            report.InternalErrors,
            report.Baseline,
            report.Oracle,
            answer = Answer(report.Answer),
            encodings = report.Encodings.Select(Encoding),
            workloads = report.Workloads.Select(w => new
            {
                w.Name,
                w.Policy,
                w.Predict,
                w.Vcpus,
                w.TasksPerVcpu,
                w.Gfns,
                w.Notes,
            }),
            cells = report.Cells.Select(cell => Cell(report, cell)),
            policySearch = report.PolicySearches.Select(PolicySearch),
            claims = report.Claims.Select(Claim),
            expectations = report.Expectations.Select(Claim),
            report.Statements,
            findings = report.Findings.Select(f => new { f.Workload, f.Text }),
            sweep = Sweep(report.Sweep),
            breakEven = BreakEven(report.BreakEven),
            stability = Stability(report.Stability),
            costs = report.Costs.Entries.Select(Cost),
            report.Runs,
            method = MethodText.Of(report),
            environment = JsonText.Object(context.Environment),
            timing = JsonText.Object(context.Timing),
        },
        s_options);

    private static object? Answer(Answer? answer) => answer is null ? null : new
    {
        answer.Sentences,
        verdict = answer.Verdict.Words(),
        answer.Preferred,
        answer.Next,
        workloads = answer.Workloads.Select(w => new { w.Name, w.Fastest, w.Speedup }),
        answer.Missing,
        ranking = answer.Rows.Select(r => new
        {
            r.Encoding,
            r.Label,
            r.Predict,
            r.Rank,
            r.Behind,
            r.BehindOn,
            backToBackPerFault = r.BackToBack,
            exitsPerFault = r.Exits,
            canTell = r.Tells?.Words(),
            marks = r.Marks.Select(m => new
            {
                m.Speedup,
                fastest = m.IsFastest,
                slowerThanBaseline = m.IsSlowerThanBaseline,
            }),
            r.Failures,
            r.UapiParts,
        }),
        answer.Orderings,
        answer.CostDependent,
    };

    private static object Encoding(EncodingEntry encoding) => new
    {
        encoding.Name,
        encoding.Description.Id,
        options = JsonText.Object(encoding.Options),
        encoding.Description.Version,
        encoding.Description.Summary,
        encoding.Description.Origin,
        encoding.Note,
        neverPosted = encoding.IsNeverPosted,
        referencePoint = encoding.IsReferencePoint,
        reportedAsItComesOut = encoding.ViolationsExpected,
        encoding.Description.BitsPerGfn,
        encoding.StateBytesPerGiB,
        ownEvents = encoding.OwnEvents.Select(e => new { e.Name, e.Doc }),
    };

    private static object Cell(ComparisonReport report, Cell cell) => new
    {
        cell.Encoding,
        options = JsonText.Object(report.EncodingOf(cell.Encoding).Options),
        cell.Workload,
        cell.Policy,
        policyRole = cell.Role == PolicyRole.Common ? "common" : "best",
        cell.Predict,
        metrics = JsonText.Object(cell.Metrics.Select(m => KeyValuePair.Create(m.Key.Name, Interval(m.Value)))),
        violations = JsonText.Object(cell.Violations),
        ownEvents = JsonText.Object(cell.OwnEvents.Select(e => KeyValuePair.Create(e.Key, Interval(e.Value)))),
        faultLatencies = JsonText.Object(
            cell.FaultLatencies.Select(b => KeyValuePair.Create(Invariant($"{b.Key}"), b.Value))),
        cell.Error,
    };

    private static object PolicySearch(PolicySearch search) => new
    {
        search.Encoding,
        search.Workload,
        search.Predict,
        policies = search.Outcomes.Select(o => new
        {
            o.Policy,
            o.ElapsedNs,
            violations = JsonText.Object(o.Violations),
            o.Error,
        }),
    };

    private static object Claim(ClaimResult result)
    {
        var claim = result.Claim;
        return new
        {
            proposal = result.Source,
            claim.Id,
            claim.Text,
            verdict = result.Verdict.Words(),
            metric = claim.Metric.Name,
            per = claim.Per?.Name,
            encoding = claim.Encoding.Name,
            versus = claim.Versus?.Name,
            by = claim.Versus is null ? null : Words.Of(claim.By),
            workload = claim.Workload.Name,
            policy = (claim.Policy ?? claim.Workload.CommonPolicy).ToString(),
            claim.Workload.Predict,
            relation = Words.Of(claim.Relation),
            claim.Value,
            claim.Tolerance,
            measured = Interval(result.Measured),
            result.Reason,
            claim.Otherwise,
        };
    }

    private static object? Sweep(SweepResult? sweep) => sweep is null ? null : new
    {
        sweep.Workload,
        sweep.Parameter,
        sweep.Doc,
        sweep.Values,
        rows = sweep.Rows.Select(r => new OrderedDictionary<string, object>
        {
            ["encoding"] = r.Encoding,
            [Metric.Speedup.Name] = r.Speedups.Select(Interval),
        }),
        sweep.Bounds,
        sweep.Published,
    };

    private static object? BreakEven(BreakEvenResult? result) => result is null ? null : new
    {
        result.Workload,
        result.Policy,
        result.LowNs,
        result.HighNs,
        rows = result.Rows.Select(r => new
        {
            r.Encoding,
            r.Costs,
            r.FetchNs,
            r.LowestSpeedup,
            r.LowestAtNs,
            r.HighestSpeedup,
            r.HighestAtNs,
            r.Remark,
        }),
    };

    private static object? Stability(RankingStability? stability) => stability is null ? null : new
    {
        stability.Tables,
        stability.Seeds,
        points = stability.Points.Count,
        stability.PointSeeds,
        namedPoints = JsonText.Object(stability.NamedPoints.Select(p => KeyValuePair.Create(p.Key,
            JsonText.Object(p.Table.Entries.Select(e => KeyValuePair.Create(e.Name, e.Ns)))))),
        rows = stability.Rows.Select(r => new
        {
            r.Workload,
            orderedPairs = r.Orderings.Count,
            flips = r.Flips.Select(o => Pair(o, o.ReversedBy)),
            ties = r.Ties.Select(o => Pair(o, o.TiedAt)),
            robust = r.Orderings.Where(o => o.IsRobust).Select(o => Pair(o, [])),
        }),
    };

    private static object Pair(Ordering pair, IReadOnlyList<string> by) => new
    {
        pair.Faster,
        pair.Slower,
        by,
        pair.Kept,
        pair.Points,
        settledBy = pair.SettledBy is { } s ? new { s.Price, s.AtNs, s.IsKeptBelow, s.Points } : null,
        tornado = pair.Tornado.Select(b => new { b.Price, low = Rounded(b.Low), high = Rounded(b.High) }),
    };

    private static decimal? Rounded(decimal? ratio) => ratio is { } r ? Rounding.Significant(r, 4) : null;

    private static object Cost(CostEntry cost) => new
    {
        name = CostTableReader.NameOf(cost.Kind),
        cost.Ns,
        cost.LowNs,
        cost.HighNs,
        origin = cost.Origin.Words(),
        cost.Source,
    };

    private static object? Interval(Summary? summary) => summary is { } s ? new { s.Mean, s.Low, s.High } : null;

    /// <summary>Enough digits for any comparison, few enough to hide no rounding of intervals.</summary>
    private sealed class RoundedDecimal : JsonConverter<decimal>
    {
        private const int Digits = 9;

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(Rounding.Significant(value, Digits).Normalised());

        public override decimal Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.GetDecimal();
    }
}
