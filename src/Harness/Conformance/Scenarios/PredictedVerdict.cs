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
