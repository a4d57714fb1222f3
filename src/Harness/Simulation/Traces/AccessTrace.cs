namespace UapiLab.Harness.Simulation.Traces;

/// <summary>A recorded sequence of page accesses, ready to be replayed as a guest's own.</summary>
/// <param name="Source">File name of the recording, or several joined by <c>", "</c>.</param>
/// <param name="Format">
/// <c>csv</c>, <c>lackey</c>, <c>kvm</c> or <c>postcopy</c>, or several joined by <c>+</c>.
/// </param>
/// <param name="Vcpus">At least one vCPU, each with at least one access.</param>
/// <param name="GfnCount">
/// Number of pages the accesses touch. Page numbers are dense: 0 to this minus 1, given in the order of first touch.
/// </param>
/// <param name="Notes">Sentences on what the importer assumed, changed or left out.</param>
/// <param name="Facts">Counts and total times (names end in <c>Ns</c>), sorted by name; several files add up.</param>
public sealed record AccessTrace(
    string Source,
    string Format,
    IReadOnlyList<VcpuTrace> Vcpus,
    long GfnCount,
    IReadOnlyList<string> Notes,
    IReadOnlyDictionary<string, long> Facts)
{
    /// <summary>
    /// Pages that arrived without a vCPU having asked, in order of arrival; empty if the format has none. AtNs counts
    /// ns from the start of the guest (0 if earlier). Gfn numbers continue after the touched pages: the first is
    /// <see cref="GfnCount"/>, each is one higher than the one before.
    /// </summary>
    public IReadOnlyList<(long AtNs, long Gfn)> BackgroundArrivals { get; init; } = [];
}
