namespace UapiLab.Abstractions;

/// <summary>What the guest (or KVM on its behalf) did to the page.</summary>
public enum AccessKind : byte
{
    /// <summary>Data read.</summary>
    Read,
    /// <summary>Data write.</summary>
    Write,
    /// <summary>Instruction fetch.</summary>
    Execute,
}

/// <summary>Ground truth of one fault: where its content is at the instant of the fault. The environment
/// chooses it; no encoding sees it, except an <see cref="EncodingTraits.Omniscient"/> reference point.</summary>
public enum Disposition : byte
{
    /// <summary>The VMM has the content locally and can place it at once.</summary>
    Sync,
    /// <summary>The content must be fetched and has not been asked for yet.</summary>
    Async,
    /// <summary>A fetch was already started, by another vCPU, a prefetcher or a background stream.</summary>
    InFlight,
    /// <summary>The content is in guest memory already; only the signalling state lags behind.</summary>
    Present,
    /// <summary>The page is intercepted for a purpose that is not paging (write tracking, introspection).</summary>
    Intercepted,
}
