namespace UapiLab.Harness.Simulation.Traces;

/// <summary>How a trace is turned into accesses.</summary>
public sealed record TraceOptions
{
    /// <summary>Time of one guest instruction in ns for recordings that count instructions: 0 to 1000000.</summary>
    public long NsPerInstruction { get; init; } = 1;

    /// <summary>
    /// Divisor of guest-running times where the recording says that its processor was emulated: 1 to 1000000.
    /// Use 1 for a recording whose clock counts instructions.
    /// </summary>
    public long EmulatedClockDivisor { get; init; } = 50;

    /// <summary>
    /// The source log that belongs to a post-copy destination log. Null: the file of the same name with
    /// <c>.src.</c> for <c>.dst.</c> is taken where it exists.
    /// </summary>
    public string? SourceLog { get; init; }

    /// <summary>Told the number of bytes read so far, over all files of the call and as stored (compressed).</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Ends the wait for a recording that is a stream.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(NsPerInstruction);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(NsPerInstruction, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(EmulatedClockDivisor, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(EmulatedClockDivisor, 1_000_000);
    }
}
