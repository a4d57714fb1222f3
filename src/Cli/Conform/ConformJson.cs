using UapiLab.Harness.Conformance;
using UapiLab.Harness.Conformance.Scenarios;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Conform;

/// <summary>Verdicts as JSON (docs/conform.md).</summary>
internal static class ConformJson
{
    public static string Write(IEnumerable<(ConformReport Report, ScenarioComparison? Comparison)> traces) =>
        JsonText.Write(new { schema = 1, traces = traces.Select(t => Trace(t.Report, t.Comparison)) }, JsonText.Ascii);

    private static object Trace(ConformReport report, ScenarioComparison? comparison) => new
    {
        report.File,
        report.Machine,
        verdict = report.Verdict.Words(),
        rejection = report.Rejection is not { } r ? null : new
        {
            @event = r.Number,
            r.Line,
            seen = r.Text,
            r.Rule,
            r.Allowed,
            r.State,
        },
        report.Bound,
        report.Scenarios,
        report.Events,
        report.Explained,
        report.Vcpus,
        report.Width,
        report.Gaps,
        report.Missing,
        report.IsCutOff,
        projected = JsonText.Object(report.Projected),
        unknown = JsonText.Object(report.UnknownEvents),
        report.Unobserved,
        report.Diagnosis,
        prediction = comparison is not { } c ? null : new
        {
            c.Answer,
            c.Scenario,
            c.Simulated,
            c.WhyNot,
            numbers = c.Numbers.Select(n => new
            {
                n.Name,
                n.Recorded,
                n.Low,
                n.High,
                verdict = n.Verdict switch
                {
                    PredictedVerdict.Agrees => "agrees",
                    PredictedVerdict.Differs => "differs",
                    PredictedVerdict.NotRecorded => "not recorded",
                    _ => "has gaps",
                },
            }),
        },
        explainedEvents = JsonText.Object(report.ExplainedEvents),
        rules = JsonText.Object(report.Rules),
    };
}
