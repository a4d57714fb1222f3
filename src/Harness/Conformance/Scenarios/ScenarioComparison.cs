namespace UapiLab.Harness.Conformance.Scenarios;

/// <summary>A recording beside the simulation of its scenario.</summary>
/// <param name="Scenario">As its BEGIN marker names it; empty if none does.</param>
/// <param name="Simulated">The encoding that was simulated.</param>
/// <param name="WhyNot">Why nothing was; empty if it was.</param>
/// <param name="Numbers">The numbers in order.</param>
public sealed record ScenarioComparison(string Scenario, string Simulated, string WhyNot,
    IReadOnlyList<PredictedNumber> Numbers)
{
    /// <summary>What came out, in one sentence.</summary>
    public string Answer
    {
        get
        {
            var judged = Numbers.Count(n => n.Verdict is PredictedVerdict.Agrees or PredictedVerdict.Differs);
            string[] different = [.. Numbers.Where(n => n.Verdict == PredictedVerdict.Differs).Select(n => n.Name)];
            return WhyNot.Length > 0 ? $"not predicted: {WhyNot}"
                : judged == 0 ? "nothing that is predicted was recorded without gaps"
                : different.Length == 0 ? Invariant($"as predicted: {judged} of {judged} numbers")
                : Invariant($"not as predicted: {different.Length} of {judged} numbers (")
                    + string.Join("; ", different) + ")";
        }
    }
}
