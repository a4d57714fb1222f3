using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>Version 2 of KVM's half, by a second bitmap: where version 1 would map the page, a tracked frame is mapped
/// read-only, and a write to it exits. Nothing is looked at before userspace has enabled the capability.</summary>
/// <typeparam name="TKvm">The world.</typeparam>
/// <typeparam name="TFirst">Version 1.</typeparam>
internal sealed class TrackingKvmHalf<TKvm, TFirst>(TFirst first, TrackingRegions regions) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
    where TFirst : class, IKvmHalf<TKvm>
{
    private readonly TFirst _first = first;
    private readonly TrackingRegions _regions = regions;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        FaultAnswer answer = _first.OnGuestFault(kvm, fault);
        if (answer.Verdict != FaultVerdict.Map || !TrackingCapability.IsEnabled(kvm, _regions.Enabled))
        {
            return answer;
        }

        if (!UserfaultBitmap.TryRead(kvm, _regions.Bitmap, fault.Gfn, out bool tracked))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        return !tracked ? answer
            : fault.Access == AccessKind.Write ? FaultAnswer.Exit(ExitFlags.TrackedWrite)
            : new FaultAnswer(FaultVerdict.MapReadOnly);
    }

    public long OnIoctl(TKvm kvm, IoctlCall call) => TrackingCapability.IsFor(call)
        ? TrackingCapability.Set(kvm, _regions.Enabled, call).Negated()
        : _first.OnIoctl(kvm, call);

    public RunAnswer OnRun(TKvm kvm, RunEntry entry) => _first.OnRun(kvm, entry);

    public void OnRunReturn(TKvm kvm, int vcpu) => _first.OnRunReturn(kvm, vcpu);

    public void OnEventfd(TKvm kvm, int eventfd) => _first.OnEventfd(kvm, eventfd);

    public void OnWork(TKvm kvm, ulong argument) => _first.OnWork(kvm, argument);

    public void OnBeforeHalt(TKvm kvm, int vcpu) => _first.OnBeforeHalt(kvm, vcpu);

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => _first.OnApfDelivered(kvm, vcpu, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) =>
        _first.OnQueueClearing(kvm, vcpu, reason);

    public void OnQueueCleared(TKvm kvm, int vcpu, QueueClearReason reason) => _first.OnQueueCleared(kvm, vcpu, reason);

    public void OnMemslotChange(TKvm kvm, MemslotChange change) => _first.OnMemslotChange(kvm, change);
}
