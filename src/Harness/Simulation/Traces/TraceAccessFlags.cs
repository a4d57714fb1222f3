namespace UapiLab.Harness.Simulation.Traces;

/// <summary>What a trace tells about one access beyond its page.</summary>
[Flags]
public enum TraceAccessFlags
{
    /// <summary>A read or an instruction fetch by the guest's user side, or nothing known.</summary>
    None = 0,

    /// <summary>The access writes.</summary>
    Write = 1,

    /// <summary>The guest ran its kernel. Not every format tells; see <see cref="AccessTrace.Notes"/>.</summary>
    Kernel = 2,

    /// <summary>The page was already on its way when it was demanded. Only post-copy logs tell.</summary>
    InFlight = 4,
}
