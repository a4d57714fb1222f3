namespace UapiLab.Harness.Simulation.Traces;

/// <summary>One demand fault of the destination and what became of it.</summary>
internal sealed class PostcopyDemand
{
    public const long Unknown = -1;

    public required long AtNs { get; init; }

    public required ulong Address { get; init; }

    public required string Block { get; init; }

    public required ulong Offset { get; init; }

    public required long Thread { get; init; }

    /// <summary>vCPU that faulted, <see cref="Unknown"/> for another thread.</summary>
    public long Vcpu { get; set; } = Unknown;

    /// <summary>When the page was installed, <see cref="Unknown"/> if never.</summary>
    public long PlacedAtNs { get; set; } = Unknown;

    /// <summary>When the log first says that the waiter may run again, <see cref="Unknown"/> if never.</summary>
    public long ReleasedAtNs { get; set; } = Unknown;

    public bool InFlight { get; set; }

    public long ArrivalNs => PlacedAtNs == Unknown ? -1 : Math.Max(0, PlacedAtNs - AtNs);
}
