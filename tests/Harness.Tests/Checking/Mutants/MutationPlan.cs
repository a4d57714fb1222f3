using UapiLab.Abstractions;

namespace UapiLab.Harness.Tests.Checking.Mutants;

/// <summary>What a mutant does wrong at its place.</summary>
internal enum MutantKind : byte
{
    /// <summary>Nothing is written; a load gives 0, a read-modify-write what a load would.</summary>
    Dropped,
    /// <summary>What is written is written after the next access, or else at the end of the call: locks, ioctls and
    /// what else comes between happen first. A read-modify-write still gives what was there in its own place, so it
    /// falls apart into a load and a later update.</summary>
    Delayed,
    /// <summary>The order is relaxed; a fence is none.</summary>
    Weakened,
}

/// <summary>Asked before each access of an encoding what is to become of it.</summary>
internal interface IMutationPlan
{
    /// <returns>What to do wrong; null to carry it out as it is.</returns>
    MutantKind? At(AccessSite site, MemoryOrder order);

    /// <summary>Whether a write may be put off: loops then have to remember it.</summary>
    bool Delays { get; }
}

/// <summary>One thing wrong at one place.</summary>
internal sealed class OneMutation(AccessSite place, MutantKind kind) : IMutationPlan
{
    public bool Delays => kind == MutantKind.Delayed;

    public MutantKind? At(AccessSite site, MemoryOrder order) => site == place ? kind : null;
}

/// <summary>Changes nothing and writes down which places there are, for one thread. A call that has stopped and runs on
/// worthless values may pass a place that no other does: its mutants are then the original, and survive.</summary>
internal sealed class SiteRecorder : IMutationPlan
{
    private readonly Dictionary<AccessSite, bool> _sites = [];

    public bool Delays => false;

    /// <summary>Every place seen, and whether its access was ordered in any way.</summary>
    public IEnumerable<(AccessSite Site, bool IsOrdered)> Sites => _sites
        .Select(s => (s.Key, s.Value))
        .OrderByDescending(s => s.Key.Operation.InKvm)
        .ThenBy(s => s.Key.Operation.Operation)
        .ThenBy(s => s.Key.Operation.Ioctl)
        .ThenBy(s => s.Key.Operation.Op)
        .ThenBy(s => s.Key.Region.Id)
        .ThenBy(s => s.Key.Verb)
        .ThenBy(s => s.Key.Occurrence);

    public MutantKind? At(AccessSite site, MemoryOrder order)
    {
        _sites[site] = _sites.GetValueOrDefault(site) || order != MemoryOrder.Relaxed;
        return null;
    }
}
