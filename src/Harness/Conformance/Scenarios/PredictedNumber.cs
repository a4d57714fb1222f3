namespace UapiLab.Harness.Conformance.Scenarios;

/// <summary>A number of a recorded scenario, and what the simulated scenario has for it.</summary>
/// <param name="Name">What is counted or measured.</param>
/// <param name="Recorded">In the recording.</param>
/// <param name="Low">Fewest, over latencies.</param>
/// <param name="High">Most. Equal to <paramref name="Low"/> where the protocol determines it.</param>
/// <param name="Verdict">How they compare.</param>
public sealed record PredictedNumber(string Name, decimal Recorded, decimal Low, decimal High,
    PredictedVerdict Verdict);
