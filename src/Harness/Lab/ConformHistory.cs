using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Lab;

/// <summary>What <c>conform</c> made of a trace, as a history to be looked at.</summary>
public static class ConformHistory
{
    private const long NsPerMicrosecond = 1_000;

    /// <param name="report">One that tells its events.</param>
    public static History Of(ConformReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        string[] lanes =
        [
            .. report.Told.Select(t => t.Lane).Concat(report.AtEnd.Select(Lane)).Distinct()
                .OrderBy(l => l.StartsWith("vCPU ", StringComparison.Ordinal) ? 0 : 1)
                .ThenBy(l => l, StringComparer.Ordinal),
        ];
        return new()
        {
            Property = $"{Path.GetFileName(report.File)}: {report.Verdict.Words()}"
                + (BeginsStuck(report) ? $"; {report.Stuck}" : ""),
            PropertyDoc = BeginsStuck(report) ? $"{Outcome(report)} {Sentences(report.Overview.Skip(1))}"
                : Sentences(report.Overview),
            Outcome = BeginsStuck(report) ? Sentences(report.Overview.Take(1)) : Outcome(report),
            Encoding = report.Machine,
            EncodingVersion = "recorded",
            MachineVersion = "1",
            Instance =
            [
                new("events", Invariant($"{report.Events}")), new("explained", Invariant($"{report.Explained}")),
                new("states", Invariant($"{report.Width}")),
                .. report.Scenarios.Select(s => KeyValuePair.Create("scenario", s)),
            ],
            Lanes = lanes,
            Steps = Steps(report, lanes),
            Waiting = [.. report.AtEnd.Select(a => new WaitingFor(Array.IndexOf(lanes, Lane(a)), Words(a), null))],
            IsGood = report.Verdict != ConformVerdict.Rejected,
        };
    }

    private static string Lane(WaitingVcpu waiting) => Invariant($"vCPU {waiting.Vcpu}");

    private static string Words(WaitingVcpu waiting) =>
        $"{waiting.For}{waiting.Since}; what ends it: {waiting.EndedBy}";

    /// <summary>A sentence that begins with a vCPU begins as the word is spelt.</summary>
    private static string Sentences(IEnumerable<string> lines) => string.Join(' ', lines.Select(line =>
        (line.StartsWith("vCPU ", StringComparison.Ordinal) ? line : char.ToUpperInvariant(line[0]) + line[1..])
            + (line.EndsWith(':') ? "" : ".")));

    /// <summary>Whether something is stuck stands in large print if it is.</summary>
    private static bool BeginsStuck(ConformReport report) =>
        report is { Stuck: not null, Verdict: not ConformVerdict.Rejected };

    private static string Outcome(ConformReport report) => report switch
    {
        { Rejection: { } r } => Invariant($"Event {r.Number}, line {r.Line}, breaks rule {r.Rule}. ")
            + $"The machine allows there: {r.Allowed}.",
        { Verdict: ConformVerdict.NotDecided } => $"Not decided: {report.Bound}.",
        _ => Invariant($"Each of the {report.Explained} events that are explained one by one ")
            + "is one the machine emits.",
    };

    /// <summary>An event of a recording lasts for the microsecond that recorders tell, unless the next one of its lane
    /// comes before.</summary>
    private static HistoryStep[] Steps(ConformReport report, string[] lanes)
    {
        HistoryStep[] steps =
            [.. report.Told.Select((t, at) => Step(report, t, at + 1, Array.IndexOf(lanes, t.Lane)))];
        var next = new long[lanes.Length];
        Array.Fill(next, long.MaxValue);
        for (var at = steps.Length - 1; at >= 0; at--)
        {
            var (from, lane) = (report.Told[at].AtNs, steps[at].Lane);
            steps[at] = steps[at] with { Time = (from, Math.Clamp(next[lane], from, from + NsPerMicrosecond)) };
            next[lane] = from;
        }

        return steps;
    }

    private static HistoryStep Step(ConformReport report, ToldEvent told, int number, int lane)
    {
        var place = Invariant($"event {told.Number}, line {told.Line}, {told.AtNs / 1e9:F6}");
        string[] events = report.Rejection is { } r && r.Number == told.Number
            ? [place, $"VIOLATION: rule {r.Rule}", .. r.State.Select(s => "before: " + s)] : [place];
        return new(number, new(StepKind.Step, 0, []), lane, told.Text, null, null, [],
            told.Event is { } name ? [name, .. events] : events);
    }
}
