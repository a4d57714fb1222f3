using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Checking.Mistakes;

/// <summary>What can be wrong with one call of a VMM's half. Each member has a row in <see cref="MistakeRow"/>.</summary>
internal enum MistakeKind : byte
{
    LeftOut, DroppedOnError, Twice, AfterNext, Last, OtherThread, ResultIgnored, NotRetried, LookLeftOut, Weakened,
}

/// <summary>What is known of a call's place from runs of the half as it is.</summary>
/// <param name="IsOrdered">An order was asked for.</param>
/// <param name="FollowsFailure">In each run the call before it was refused or said no.</param>
/// <param name="IsFollowed">In some run another call came after it in the operation.</param>
internal readonly record struct SiteFacts(bool IsOrdered, bool FollowsFailure, bool IsFollowed);

/// <summary>A kind of mistake: where it can be made, and the words for it. {0} is the call, {1} when it is
/// made.</summary>
/// <param name="Kind">Which.</param>
/// <param name="What">What the VMM does.</param>
/// <param name="Rule">What userspace has to keep to.</param>
/// <param name="Applies">Whether it can be made at a place.</param>
internal sealed record MistakeRow(
    MistakeKind Kind, string What, string Rule, Func<VmmSite, SiteFacts, Encoding, bool> Applies)
{
    /// <summary>Every kind, in the order of reports.</summary>
    public static IReadOnlyList<MistakeRow> All { get; } =
    [
        new(MistakeKind.LeftOut, "{0} is left out {1}", "Userspace must not leave out {0} {1}.",
            (site, facts, _) => IsMade(site) && !facts.FollowsFailure),
        new(MistakeKind.DroppedOnError, "{0} is left out {1}, where another call was refused or found nothing",
            "Userspace must make {0} {1} also where the call before it was refused or found nothing.",
            (site, facts, _) => IsMade(site) && facts.FollowsFailure),
        new(MistakeKind.Twice, "{0} is made twice {1}", "Userspace must make {0} once {1}.",
            (site, _, _) => site.Call is VmmCall.Ioctl or VmmCall.SignalEventfd or VmmCall.UpdateMemslot
                or VmmCall.FetchAdd),
        new(MistakeKind.AfterNext, "{0} comes after the next call instead of before it {1}",
            "Userspace must make {0} before the call that follows it {1}.",
            (site, facts, _) => IsMade(site) && facts.IsFollowed),
        new(MistakeKind.Last, "{0} comes last {1}",
            "Userspace must make {0} before the other calls that follow it {1}.",
            (site, facts, _) => IsMade(site) && facts.IsFollowed),
        new(MistakeKind.OtherThread,
            "{0} is left to another thread {1}, which may come to it after the next KVM_RUN",
            "Userspace must make {0} in the thread itself {1}, and not leave it to another one.",
            (site, _, encoding) => site.Operation is Operation.OnExit or Operation.OnContentArrived
                && (site.Call == VmmCall.Ioctl || (site.Call == VmmCall.Store
                    && encoding.Regions[(int)site.Target].Owner == RegionOwner.Shared))),
        new(MistakeKind.ResultIgnored, "the result of {0} is not looked at {1}",
            "Userspace must look at the result of {0} {1}.",
            (site, _, _) => site.Call is VmmCall.Ioctl or VmmCall.AddWaiter),
        new(MistakeKind.NotRetried, "EINTR, EAGAIN or EBUSY of {0} is taken for success {1}",
            "Userspace must make {0} again {1} if it returned EINTR, EAGAIN or EBUSY.",
            (site, _, encoding) => site.Call == VmmCall.Ioctl && encoding.Description.Ioctls
                .Any(i => i.Number == site.Target && i.Errors.Any(e => IsTransient(e.Errno)))),
        new(MistakeKind.LookLeftOut, "{0} is left out {1}: what the thread knew before, or 0, is taken for it",
            "Userspace must make {0} {1}, and must not go by what it knew before.",
            (site, _, encoding) => site.Call == VmmCall.Load
                && encoding.Regions[(int)site.Target].Owner == RegionOwner.Shared),
        new(MistakeKind.Weakened, "{0} has no order {1}",
            "Userspace must keep the order of {0} {1}: release where it publishes, acquire where it looks, or a full "
                + "barrier.",
            (site, facts, _) => facts.IsOrdered),
    ];

    /// <summary>The row of a kind.</summary>
    public static MistakeRow Of(MistakeKind kind) => All.First(r => r.Kind == kind);

    /// <summary>An errno after which a call is to be made again.</summary>
    public static bool IsTransient(Errno errno) => errno is Errno.Interrupted or Errno.Again or Errno.Busy;

    /// <summary>Calls that do something, rather than look.</summary>
    private static bool IsMade(VmmSite site) => site.IsAccess ? site.Writes : true;
}

/// <summary>One mistake at one place of a VMM's half.</summary>
internal sealed record Mistake(VmmSite Site, MistakeKind Kind)
{
    /// <summary>One clause: "KVM_ASYNC_PF (KVM_APF_OP_READY) is left out when …".</summary>
    public string What(Encoding encoding) => Words(MistakeRow.Of(Kind).What, encoding)
        + (Site.Occurrence == 1 ? "" : Invariant($" (#{Site.Occurrence})"));

    /// <summary>One sentence for userspace.</summary>
    public string Rule(Encoding encoding) => Words(MistakeRow.Of(Kind).Rule, encoding);

    private string Words(string pattern, Encoding encoding) => string.Format(
        System.Globalization.CultureInfo.InvariantCulture, pattern, Site.Name(encoding), Site.When);
}
