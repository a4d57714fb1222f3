using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>KVM's half of version 2, inject=at-reentry: a frame that the VMM has answered "read-only" for is mapped so
/// at the next fault of the vCPU that is no write. The bit stays set, so a write exits.</summary>
internal sealed class AtReentryTrackingKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly AtReentryKvmHalf<TKvm> _first = new();

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (fault.Prefetch || !TrackingCapability.IsEnabled(kvm, AsyncHintLayout.TrackingEnabled))
        {
            return _first.OnGuestFault(kvm, fault);
        }

        if (fault.Access != AccessKind.Write && MayMapReadOnly(kvm, fault))
        {
            return new FaultAnswer(FaultVerdict.MapReadOnly);
        }

        FaultAnswer answer = _first.OnGuestFault(kvm, fault);
        if (answer.Verdict != FaultVerdict.Exit)
        {
            return answer;
        }

        if ((answer.Flags & ExitFlags.AsyncPf) == 0)
        {
            // No APF is offered, but the answer still has to find the frame. To "async" KVM would ask once more whether
            // it can, and refuse.
            kvm.Store(AsyncHintLayout.OfferEpoch, AsyncHintLayout.OfferEpoch.At(fault.Vcpu),
                kvm.Load(AsyncHintLayout.SlotEpoch, 0));
            kvm.Store(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(fault.Vcpu), fault.Gfn.Value + 1);
        }

        return fault.Access == AccessKind.Write ? answer with { Flags = answer.Flags | ExitFlags.Write } : answer;
    }

    public RunAnswer OnRun(TKvm kvm, RunEntry entry)
    {
        if (entry.ImmediateExit || !TrackingCapability.IsEnabled(kvm, AsyncHintLayout.TrackingEnabled))
        {
            return _first.OnRun(kvm, entry);
        }

        ulong exited = kvm.Load(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(entry.Vcpu));
        ulong answer = kvm.Load(AsyncHintLayout.Answer, AsyncHintLayout.Answer.At(entry.Vcpu));
        if (exited == 0 || answer != AsyncHintLayout.AnswerReadOnly)
        {
            if (kvm.Load(AsyncHintLayout.Readable, AsyncHintLayout.Readable.At(entry.Vcpu)) != 0)
            {
                kvm.Store(AsyncHintLayout.Readable, AsyncHintLayout.Readable.At(entry.Vcpu), 0);
            }

            return _first.OnRun(kvm, entry);
        }

        kvm.Store(AsyncHintLayout.Readable, AsyncHintLayout.Readable.At(entry.Vcpu), exited);
        kvm.Store(AsyncHintLayout.Answer, AsyncHintLayout.Answer.At(entry.Vcpu), AsyncHintLayout.AnswerNone);
        kvm.Store(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(entry.Vcpu), 0);
        return RunAnswer.Enter;
    }

    public long OnIoctl(TKvm kvm, IoctlCall call) => TrackingCapability.IsFor(call)
        ? TrackingCapability.Set(kvm, AsyncHintLayout.TrackingEnabled, call).Negated()
        : _first.OnIoctl(kvm, call);

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => _first.OnApfDelivered(kvm, vcpu, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) =>
        _first.OnQueueClearing(kvm, vcpu, reason);

    public void OnQueueCleared(TKvm kvm, int vcpu, QueueClearReason reason) => _first.OnQueueCleared(kvm, vcpu, reason);

    public void OnMemslotChange(TKvm kvm, MemslotChange change) => _first.OnMemslotChange(kvm, change);

    /// <summary>As with an offer, an answer does not outlive a memslot update: the frame may have been armed again, and
    /// be empty.</summary>
    private static bool MayMapReadOnly(TKvm kvm, GuestFault fault) =>
        kvm.Load(AsyncHintLayout.Readable, AsyncHintLayout.Readable.At(fault.Vcpu)) == fault.Gfn.Value + 1
        && kvm.Load(AsyncHintLayout.OfferEpoch,
            AsyncHintLayout.OfferEpoch.At(fault.Vcpu)) == kvm.Load(AsyncHintLayout.SlotEpoch, 0);
}
