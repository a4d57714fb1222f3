namespace UapiLab.Harness.Simulation.Traces;

internal enum PostcopyEventKind
{
    Other,

    /// <summary>Destination: a thread faulted on a missing page (Address, Block, Offset, Number = thread id).</summary>
    Request,

    /// <summary>Destination: the fault's thread is vCPU Number, or no vCPU if negative (Address).</summary>
    FaultingVcpu,

    /// <summary>Destination: a demanded page is there, its waiters run again (Address).</summary>
    Resolved,

    /// <summary>Destination: a page was installed (Address).</summary>
    Placed,

    /// <summary>Destination: a page of zeros is installed next (Address).</summary>
    PlacedZero,

    /// <summary>Destination: the guest runs.</summary>
    GuestStarted,

    /// <summary>Source: a request came in (Block, null if the same as before; Offset).</summary>
    Received,

    /// <summary>Source: a requested page is taken off the queue to be sent (Block, Offset).</summary>
    Dequeued,

    /// <summary>Source: a requested page needs no sending, it was sent before (Block, Offset).</summary>
    NotDirty,
}

/// <summary>One event of either side; which fields count follows from the kind.</summary>
internal readonly record struct PostcopyEvent(
    long AtNs, PostcopyEventKind Kind, ulong Address = 0, string? Block = null, ulong Offset = 0, long Number = -1);
