using UapiLab.Abstractions;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Conformance.Scenarios;

namespace UapiLab.Cli.Conform;

/// <summary>Recorded and simulated counts of one scenario, side by side. What was not recorded, or only in part, is
/// said, not judged.</summary>
internal static class PredictionTable
{
    public static void Write(TextWriter output, ConformReport report, Encoding encoding)
    {
        if (report.Scenarios.Count != 1)
        {
            output.WriteLine($"  not predicted: {(report.Scenarios.Count == 0
                ? "no BEGIN marker names the scenario" : "several scenarios in one trace")}");
            return;
        }

        var (counts, whyNot) = ScenarioPrediction.Run(report.Scenarios[0], report.Parameters, encoding);
        if (whyNot.Length > 0)
        {
            output.WriteLine($"  not predicted: {whyNot}");
            return;
        }

        output.WriteLine($"  {report.Scenarios[0],-28} recorded  simulated ({encoding.Description.FullName})");
        foreach (var count in counts)
        {
            var recorded = report.ExplainedEvents.GetValueOrDefault(count.Event);
            var simulated = count.Low == count.High ? Invariant($"{count.Low}")
                : Invariant($"{count.Low} to {count.High}");
            var judged = report.Unobserved.Contains(count.Event) ? "not recorded"
                : report.Missing > 0 ? "the recording has gaps"
                : recorded >= count.Low && recorded <= count.High ? "" : "DIFFERS";
            output.WriteLine(Invariant($"  {count.Event,-28} {recorded,8}  {simulated,-10} {judged}").TrimEnd());
        }
    }
}
