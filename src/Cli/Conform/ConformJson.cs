using UapiLab.Harness.Conformance;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Conform;

/// <summary>Verdicts as JSON (docs/conform.md).</summary>
internal static class ConformJson
{
    public static string Write(IEnumerable<ConformReport> reports) =>
        JsonText.Write(new { schema = 1, traces = reports.Select(Trace) }, JsonText.Ascii);

    private static object Trace(ConformReport report) => new
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
        explainedEvents = JsonText.Object(report.ExplainedEvents),
        rules = JsonText.Object(report.Rules),
    };
}
