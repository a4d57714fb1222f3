namespace UapiLab.Harness.Simulation.Traces;

/// <summary>One access of a guest to one of its pages.</summary>
/// <param name="ThinkNs">Time the guest computed since the previous access of this vCPU, in ns, 0 or more.</param>
/// <param name="Gfn">Page number, 0 to <see cref="AccessTrace.GfnCount"/> - 1.</param>
/// <param name="Flags">What else is known.</param>
/// <param name="ArrivalNs">
/// Time from this access to the page's real arrival in ns, 0 if it was there already; -1 if the trace does not tell.
/// </param>
public readonly record struct TraceAccess(long ThinkNs, long Gfn, TraceAccessFlags Flags, long ArrivalNs);
