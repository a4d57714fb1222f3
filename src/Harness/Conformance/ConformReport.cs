namespace UapiLab.Harness.Conformance;

/// <summary>What became of a trace.</summary>
public enum ConformVerdict
{
    /// <summary>The machine has a run that emits the events.</summary>
    Accepted,

    /// <summary>It has none.</summary>
    Rejected,

    /// <summary>A bound was hit.</summary>
    NotDecided,
}

/// <summary>The event that no run of the machine emits.</summary>
/// <param name="Number">Number of the event, from 1.</param>
/// <param name="Line">Line in the file.</param>
/// <param name="Text">The line.</param>
/// <param name="Rule">The rule that forbids it; several if states differ.</param>
/// <param name="Allowed">What the machine would have allowed there.</param>
/// <param name="State">The states of the machine before it, in lanes.</param>
public sealed record ConformRejection(long Number, long Line, string Text, string Rule, string Allowed,
    IReadOnlyList<string> State);

/// <summary>Result of holding one trace to the machine.</summary>
public sealed record ConformReport
{
    /// <summary>Path as given.</summary>
    public required string File { get; init; }

    /// <summary>The machine: <c>stock</c> or an encoding's full name.</summary>
    public required string Machine { get; init; }

    /// <summary>The verdict.</summary>
    public required ConformVerdict Verdict { get; init; }

    /// <summary>Where it was rejected.</summary>
    public ConformRejection? Rejection { get; init; }

    /// <summary>Why it is not decided.</summary>
    public string Bound { get; init; } = "";

    /// <summary>Scenarios that BEGIN markers name, in order.</summary>
    public required IReadOnlyList<string> Scenarios { get; init; }

    /// <summary>What the last of them says of its parameters.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Events read.</summary>
    public required long Events { get; init; }

    /// <summary>Events that were explained one by one.</summary>
    public required long Explained { get; init; }

    /// <summary>Events of known kinds that are counted only, by name.</summary>
    public required IReadOnlyDictionary<string, long> Projected { get; init; }

    /// <summary>Events of kinds that the machine knows nothing of, by name.</summary>
    public required IReadOnlyDictionary<string, long> UnknownEvents { get; init; }

    /// <summary>Strict kinds that the recorder had not enabled.</summary>
    public required IReadOnlyList<string> Unobserved { get; init; }

    /// <summary>vCPUs seen at once, at most.</summary>
    public required int Vcpus { get; init; }

    /// <summary>States of one vCPU that explain the events so far, at most.</summary>
    public required int Width { get; init; }

    /// <summary>Lines and events that the trace says are missing, and gaps.</summary>
    public required long Missing { get; init; }

    /// <summary>Gaps: places where something is missing, truncated starts included.</summary>
    public required long Gaps { get; init; }

    /// <summary>Whether the file ends in the middle of a line.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>Times that the line of the machine which keeps a rule was reached, by rule.</summary>
    public required IReadOnlyDictionary<string, long> Rules { get; init; }

    /// <summary>Events that were explained one by one, by name; markers by their first word.</summary>
    public required IReadOnlyDictionary<string, long> ExplainedEvents { get; init; }

    /// <summary>Who waits for what at the end of the trace, of its last VM, or before the event that is rejected; the
    /// answer first.</summary>
    public IReadOnlyList<string> Diagnosis { get; init; } = [];

    /// <summary>That the guest does not get on, in a few words; null if no sign says so.</summary>
    internal string? Stuck { get; init; }

    /// <summary>The diagnosis where what vCPUs wait for is told beside it.</summary>
    internal IReadOnlyList<string> Overview { get; init; } = [];

    /// <summary>The events in order, up to the last that was read, where that was asked for.</summary>
    internal IReadOnlyList<ToldEvent> Told { get; init; } = [];

    /// <summary>What vCPUs wait for at the end: of the trace, of its last VM, or before the event that is
    /// rejected.</summary>
    internal IReadOnlyList<WaitingVcpu> AtEnd { get; init; } = [];
}
