using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Checking.Mistakes;

/// <summary>What can be wrong with one call of a VMM's half. Each member has a row in
/// <see cref="MistakeRow"/>.</summary>
internal enum MistakeKind : byte
{
    LeftOut, DroppedOnError, Twice, AfterNext, Last, OtherThread, ResultIgnored, NotRetried, LookLeftOut, Weakened,
}

/// <summary>What is known of a call's place from runs of the half as it is.</summary>
/// <param name="IsOrdered">An order was asked for.</param>
/// <param name="FollowsFailure">In each run the call before it was refused or found nothing.</param>
/// <param name="IsFollowed">In some run another call came after it in the operation.</param>
internal readonly record struct SiteFacts(bool IsOrdered, bool FollowsFailure, bool IsFollowed);

/// <summary>A kind of mistake: where it can be made, and the words for it. {0} is when the call is made, {1} the
/// call.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Name">In tables.</param>
/// <param name="What">What the VMM does.</param>
/// <param name="Rule">What userspace has to keep to.</param>
/// <param name="Applies">Whether it can be made at a place.</param>
internal sealed record MistakeRow(
    MistakeKind Kind, string Name, string What, string Rule, Func<VmmSite, SiteFacts, Encoding, bool> Applies)
{
    /// <summary>Every kind, in the order of reports.</summary>
    public static IReadOnlyList<MistakeRow> All { get; } =
    [
        new(MistakeKind.LeftOut, "left out", "{0}, {1} is left out", "{0}, userspace must not leave out {1}.",
            (site, facts, encoding) => IsMade(site, encoding) && !facts.FollowsFailure),
        new(MistakeKind.DroppedOnError, "dropped on an error path",
            "{0}, {1} is left out where the call before it was refused or found nothing",
            "{0}, userspace must not leave out {1} where the call before it was refused or found nothing.",
            (site, facts, encoding) => IsMade(site, encoding) && facts.FollowsFailure),
        new(MistakeKind.Twice, "made twice", "{0}, {1} is made twice", "{0}, userspace must make {1} once.",
            (site, _, encoding) => IsMade(site, encoding) && site.Call is VmmCall.Ioctl or VmmCall.SignalEventfd
                or VmmCall.UpdateMemslot or VmmCall.FetchAdd),
        new(MistakeKind.AfterNext, "after its neighbour", "{0}, {1} comes after the call that it should precede",
            "{0}, userspace must make {1} before the call that follows.",
            (site, facts, encoding) => IsMade(site, encoding) && facts.IsFollowed),
        new(MistakeKind.Last, "last", "{0}, {1} comes last", "{0}, userspace must not put off {1}.",
            (site, facts, encoding) => IsMade(site, encoding) && facts.IsFollowed),
        new(MistakeKind.OtherThread, "after re-entry, by another thread",
            "{0}, {1} is left to another thread, which may come to it after KVM_RUN was called again",
            "{0}, userspace must make {1} before KVM_RUN is called again, and not leave it to another thread.",
            (site, _, encoding) => site.Operation is Operation.OnExit or Operation.OnContentArrived
                && IsMade(site, encoding) && site.Call is VmmCall.Ioctl or VmmCall.Store),
        new(MistakeKind.ResultIgnored, "result ignored", "{0}, the result of {1} is ignored",
            "{0}, userspace must go by the result of {1}.",
            (site, _, _) => site.Call is VmmCall.Ioctl or VmmCall.AddWaiter),
        new(MistakeKind.NotRetried, "not retried", "{0}, EINTR, EAGAIN or EBUSY of {1} is taken for success",
            "{0}, userspace must make {1} again if it returned EINTR, EAGAIN or EBUSY.",
            (site, _, encoding) => site.Call == VmmCall.Ioctl && encoding.Description.Ioctls
                .Any(i => i.Number == site.Target && i.Errors.Any(e => IsTransient(e.Errno)))),
        new(MistakeKind.LookLeftOut, "look left out",
            "{0}, {1} is left out: what the thread knew before, or 0, is taken for it",
            "{0}, userspace must not leave out {1}, nor go by what it knew before.",
            (site, _, encoding) => site.Call == VmmCall.Load && IsShared(site, encoding)),
        new(MistakeKind.Weakened, "order weakened", "{0}, {1} has no order",
            "{0}, userspace must keep the order of {1}: release where it publishes, acquire where it looks, or a full "
                + "barrier.",
            (site, facts, encoding) => facts.IsOrdered && IsShared(site, encoding)),
    ];

    /// <summary>The row of a kind.</summary>
    public static MistakeRow Of(MistakeKind kind) => All.First(r => r.Kind == kind);

    /// <summary>An errno after which a call is to be made again.</summary>
    public static bool IsTransient(Errno errno) => errno is Errno.Interrupted or Errno.Again or Errno.Busy;

    /// <summary>Calls of the interface that do something, rather than look. What a VMM writes for itself alone is its
    /// own affair.</summary>
    private static bool IsMade(VmmSite site, Encoding encoding) =>
        !site.IsAccess || (site.Writes && IsShared(site, encoding));

    private static bool IsShared(VmmSite site, Encoding encoding) =>
        site.Call == VmmCall.Fence || encoding.Regions[(int)site.Target].Owner == RegionOwner.Shared;
}

/// <summary>One mistake at one place of a VMM's half.</summary>
internal sealed record Mistake(VmmSite Site, MistakeKind Kind)
{
    /// <summary>Every mistake at every place that the careful half was seen at.</summary>
    public static IReadOnlyList<Mistake> Every(IEnumerable<KeyValuePair<VmmSite, SiteFacts>> seen, Encoding encoding)
    {
        var sites = new Dictionary<VmmSite, SiteFacts>();
        foreach (var (site, facts) in seen)
        {
            sites[site] = sites.TryGetValue(site, out var known)
                ? new(known.IsOrdered || facts.IsOrdered, known.FollowsFailure && facts.FollowsFailure,
                    known.IsFollowed || facts.IsFollowed)
                : facts;
        }

        return
        [
            .. from place in sites.OrderBy(s => s.Key.Operation).ThenBy(s => s.Key.Call).ThenBy(s => s.Key.Target)
                   .ThenBy(s => s.Key.Op).ThenBy(s => s.Key.Occurrence)
               from row in MistakeRow.All
               where row.Applies(place.Key, place.Value, encoding)
               select new Mistake(place.Key, row.Kind),
        ];
    }

    /// <summary>One clause: "when …, KVM_ASYNC_PF (KVM_APF_OP_READY) is left out".</summary>
    public string What(Encoding encoding) => Words(MistakeRow.Of(Kind).What, encoding)
        + (Site.Occurrence == 1 ? "" : Invariant($" (place {Site.Occurrence})"));

    /// <summary>One sentence for userspace.</summary>
    public string Rule(Encoding encoding)
    {
        var sentence = Words(MistakeRow.Of(Kind).Rule, encoding);
        return char.ToUpperInvariant(sentence[0]) + sentence[1..];
    }

    private string Words(string pattern, Encoding encoding) => string.Format(
        System.Globalization.CultureInfo.InvariantCulture, pattern, Site.When, Site.Name(encoding));
}
