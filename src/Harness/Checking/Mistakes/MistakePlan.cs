using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Checking.Mistakes;

/// <summary>Asked before each call of a VMM's half what is to become of it, and told what became of it. It decides by
/// the place alone; what it is told no run depends on. For one thread.</summary>
/// <param name="mistake">The one mistake; null changes nothing.</param>
/// <param name="encoding">Whose half it is.</param>
internal sealed class MistakePlan(Mistake? mistake, Encoding encoding)
{
    private readonly Dictionary<VmmSite, SiteFacts> _sites = [];
    private readonly HashSet<RefusedIoctl> _refusals = [];
    private readonly Dictionary<uint, IoctlSpec> _ioctls =
        encoding.Description.Ioctls.DistinctBy(i => i.Number).ToDictionary(i => i.Number);

    /// <summary>Whether a call may be put off: loops then have to remember it.</summary>
    public bool PutsOff => mistake?.Kind is MistakeKind.AfterNext or MistakeKind.Last;

    /// <summary>Whether what is put off waits for the end of the operation.</summary>
    public bool WaitsForEnd => mistake?.Kind == MistakeKind.Last;

    /// <summary>A loop of the half did not end before the guest ran.</summary>
    public bool GoesRound { get; set; }

    /// <summary>Every place that was reached.</summary>
    public IReadOnlyDictionary<VmmSite, SiteFacts> Sites => _sites;

    /// <summary>Every refusal that was seen.</summary>
    public IReadOnlySet<RefusedIoctl> Refusals => _refusals;

    /// <summary>What to do wrong at a place; null: nothing.</summary>
    public MistakeKind? At(VmmSite site) => mistake is { } m && m.Site == site ? m.Kind : null;

    /// <summary>The operation that an ioctl's argument selects.</summary>
    public uint OpOf(uint number, IoctlArgument argument) =>
        _ioctls.TryGetValue(number, out var spec) ? spec.OpIn(argument) : 0;

    /// <summary>A place was reached by a run that has not stopped.</summary>
    public void Reached(VmmSite site, bool isOrdered, bool followsFailure, VmmSite? before)
    {
        _sites[site] = _sites.TryGetValue(site, out var facts)
            ? new(facts.IsOrdered || isOrdered, facts.FollowsFailure && followsFailure, facts.IsFollowed)
            : new(isOrdered, followsFailure, IsFollowed: false);
        if (before is { } b && _sites.TryGetValue(b, out var earlier))
        {
            _sites[b] = earlier with { IsFollowed = true };
        }
    }

    /// <summary>The call of the mistake was made by another thread.</summary>
    public void Made(long result)
    {
        if (result != 0)
        {
            Refused(mistake!.Site, result);
        }
    }

    /// <summary>An ioctl was refused. A run that has stopped is given 0 and comes to no such thing.</summary>
    public void Refused(VmmSite site, long result) =>
        _refusals.Add(new(site.Target, site.Op, (Errno)(-result)));
}
