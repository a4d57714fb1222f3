using UapiLab.Abstractions;

namespace UapiLab.Encodings.SingleBit;

/// <summary>KVM's half: at a marked frame it injects page-not-present if it can, and then exits with the
/// token.</summary>
internal sealed class SingleBitKvmHalf<TKvm>(SingleBitOptions options) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    /// <summary>What READY compares with a token where its search found none: the low half of the address of the done
    /// list. Userspace, which does not know it, can try all; 0 stands for whatever it is, and KVM draws no such
    /// token.</summary>
    private const uint HeadOfDone = 0;

    private readonly SingleBitOptions _options = options;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!UserfaultBitmap.TryRead(kvm, SingleBitLayout.Bitmap, fault.Gfn, out bool exits))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        return exits ? OnMarkedFrame(kvm, fault) : FaultAnswer.Map;
    }

    /// <summary>Apart from the look-up, which is all that a fault in any other frame pays for.</summary>
    private FaultAnswer OnMarkedFrame(TKvm kvm, GuestFault fault)
    {
        // The order of the gates is the series': a repeated fault halts without asking whether an event could be
        // delivered.
        if (MayStart(kvm, fault) && kvm.CanDoApf(fault.Vcpu))
        {
            if (kvm.FindApf(fault.Vcpu, fault.Gfn).Exists)
            {
                kvm.RequestHalt(fault.Vcpu);
                return FaultAnswer.Retry;
            }

            if (kvm.CanDeliverApf(fault.Vcpu) && TrySetUp(kvm, fault, out ApfRef apf))
            {
                kvm.InjectNotPresent(fault.Vcpu, apf);
                return FaultAnswer.Exit(ExitFlags.Userfault | ExitFlags.AsyncPf, apf.Token);
            }
        }

        return FaultAnswer.Exit(ExitFlags.Userfault);
    }

    public long OnIoctl(TKvm kvm, IoctlCall call) => (call.Number switch
    {
        VcpuCapability.EnableCap when _options.KeepsLedger =>
            VcpuCapability.Set(kvm, SingleBitLayout.Enabled, SingleBitLayout.Capability, call),
        SingleBitLayout.Ready when _options.KeepsLedger => ReadyRepaired(kvm, call.Vcpu, call.Argument),
        // The structure ends after the token: whatever else the carrier holds was never copied in.
        SingleBitLayout.Ready when _options.AsyncFaults =>
            ReadyAsPosted(kvm, call.Vcpu, (uint)(call.Argument.W0 & uint.MaxValue)),
        _ => Errno.Invalid,
    }).Negated();

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf)
    {
        if (_options.KeepsLedger)
        {
            ApfLedger.Forget(kvm, SingleBitLayout.ApfState, apf);
        }
    }

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason)
    {
        if (_options.KeepsLedger)
        {
            kvm.Lock(KvmLock.Apf, vcpu);
            ApfLedger.ForgetAllLocked(kvm, SingleBitLayout.ApfState, vcpu);
            kvm.Unlock(KvmLock.Apf, vcpu);
        }

        if (_options.OwnsItems)
        {
            // kvm_clear_async_pf_user_completion_queue frees what is still on a list.
            kvm.Lock(KvmLock.Apf, vcpu);
            for (int place = 0; place < kvm.ApfLimit && kvm.ApfAt(vcpu, place) is { Exists: true } apf; place++)
            {
                kvm.Store(SingleBitLayout.Items, SingleBitLayout.Items.At(apf.Slot), 0);
            }

            kvm.Unlock(KvmLock.Apf, vcpu);
        }
    }

    private bool MayStart(TKvm kvm, GuestFault fault) => _options.AsyncFaults && !fault.Prefetch
        && (!_options.Repaired || !fault.IsPrivate)
        && (!_options.Repaired || VcpuCapability.IsOn(kvm, SingleBitLayout.Enabled, fault.Vcpu));

    private bool TrySetUp(TKvm kvm, GuestFault fault, out ApfRef apf)
    {
        // As posted: the list is changed without its lock, and the address kept for the prefault is 0.
        apf = _options.Repaired
            ? ApfLedger.SetUp(kvm, SingleBitLayout.ApfState, fault.Vcpu, fault.Gfn)
            : kvm.SetUpApf(fault.Vcpu, fault.Gfn, new Gfn(0));
        if (_options.OwnsItems && apf.Exists)
        {
            kvm.Store(SingleBitLayout.Items, SingleBitLayout.Items.At(apf.Slot), 1);
        }

        return apf.Exists;
    }

    private static Errno ReadyRepaired(TKvm kvm, int vcpu, IoctlArgument request)
    {
        (ulong tokenAndFlags, ulong reserved0, ulong reserved1, _) = request;
        if (tokenAndFlags > uint.MaxValue || (reserved0 | reserved1) != 0)
        {
            return Errno.Invalid;
        }

        uint token = (uint)tokenAndFlags;
        kvm.Lock(KvmLock.Apf, vcpu);
        Errno result = ApfLedger.CompleteLocked(kvm, SingleBitLayout.ApfState, vcpu, kvm.FindApfByToken(vcpu, token));
        kvm.Unlock(KvmLock.Apf, vcpu);
        return result;
    }

    /// <summary>As posted: looks up under the lock, lets go of it, takes it again to append, and does not ask whether
    /// the APF is completed or still there.</summary>
    private Errno ReadyAsPosted(TKvm kvm, int vcpu, uint token)
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        ApfRef apf = kvm.FindApfByToken(vcpu, token);
        kvm.Unlock(KvmLock.Apf, vcpu);
        if (!apf.Exists)
        {
            if (_options.OwnsItems && token == HeadOfDone)
            {
                // The cursor of the search is the head of the queue taken for an item: "resolved" of that lies in
                // struct kvm_vcpu, behind async_pf_user.
                kvm.Store(SingleBitLayout.Items, uint.MaxValue, 1);
            }

            return Errno.Invalid;
        }

        kvm.Lock(KvmLock.Apf, vcpu);
        kvm.CompleteApf(vcpu, apf);
        kvm.Unlock(KvmLock.Apf, vcpu);
        return Errno.None;
    }
}
