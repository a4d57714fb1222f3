namespace UapiLab.Harness.Conformance.Scenarios;

/// <summary>How a recorded number compares with simulated ones.</summary>
public enum PredictedVerdict
{
    /// <summary>It is one of them, or between them.</summary>
    Agrees,

    /// <summary>It is not.</summary>
    Differs,

    /// <summary>The recorder had not enabled an event that it needs.</summary>
    NotRecorded,

    /// <summary>Part of the recording is missing.</summary>
    HasGaps,
}

/// <summary>A number of a recorded scenario, and what the simulated scenario has for it.</summary>
/// <param name="Name">What is counted or measured.</param>
/// <param name="Recorded">In the recording.</param>
/// <param name="Low">Fewest, over latencies.</param>
/// <param name="High">Most. Equal to <paramref name="Low"/> where the protocol determines it.</param>
/// <param name="Verdict">How they compare.</param>
public sealed record PredictedNumber(string Name, decimal Recorded, decimal Low, decimal High,
    PredictedVerdict Verdict);

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
