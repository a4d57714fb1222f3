namespace UapiLab.Harness.Conformance.Scenarios;

/// <summary>How often the simulated scenario has an event.</summary>
/// <param name="Event">As a kernel names it.</param>
/// <param name="Low">Fewest, over latencies.</param>
/// <param name="High">Most. Equal to <paramref name="Low"/> where the protocol determines it.</param>
public sealed record PredictedCount(string Event, long Low, long High);
