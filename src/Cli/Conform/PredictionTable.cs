using UapiLab.Harness.Conformance;
using UapiLab.Harness.Conformance.Scenarios;

namespace UapiLab.Cli.Conform;

/// <summary>Recorded and simulated numbers of one scenario, side by side. What was not recorded, or only in part, is
/// said, not judged.</summary>
internal static class PredictionTable
{
    public static void Write(TextWriter output, ScenarioComparison comparison)
    {
        output.WriteLine($"  {comparison.Answer}");
        if (comparison.WhyNot.Length > 0)
        {
            return;
        }

        output.WriteLine($"  {comparison.Scenario,-34} recorded  simulated ({comparison.Simulated})");
        foreach (var number in comparison.Numbers)
        {
            var simulated = number.Low == number.High ? Invariant($"{number.Low}")
                : Invariant($"{number.Low} to {number.High}");
            var verdict = Words(number.Verdict);
            var line = Invariant($"  {number.Name,-34} {number.Recorded,8}  {simulated,-12} {verdict}");
            output.WriteLine(line.TrimEnd());
        }
    }

    /// <summary>A verdict for people; that of most is silent.</summary>
    private static string Words(PredictedVerdict verdict) => verdict switch
    {
        PredictedVerdict.Agrees => "",
        PredictedVerdict.Differs => "DIFFERS",
        PredictedVerdict.NotRecorded => "not recorded",
        _ => "the recording has gaps",
    };
}
