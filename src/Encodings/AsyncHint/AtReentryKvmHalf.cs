using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>KVM's half, inject=at-reentry: the exit only offers an APF; it is started when userspace comes back and has
/// asked for it.</summary>
internal sealed class AtReentryKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!UserfaultBitmap.TryRead(kvm, AsyncHintLayout.Bitmap, fault.Gfn, out bool exits))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        return exits ? OnMarkedFrame(kvm, fault) : FaultAnswer.Map;
    }

    /// <summary>Apart from the look-up, which is all that a fault in any other frame pays for.</summary>
    private static FaultAnswer OnMarkedFrame(TKvm kvm, GuestFault fault)
    {
        // Can-do is only a forecast here: no offer is made that is sure to be refused. What binds is asked at re-entry.
        if (fault.Prefetch || !VcpuCapability.IsOn(kvm, fault.Vcpu) || !kvm.CanDoApf(fault.Vcpu))
        {
            return FaultAnswer.Exit(ExitFlags.Userfault);
        }

        if (kvm.FindApf(fault.Vcpu, fault.Gfn).Exists)
        {
            kvm.RequestHalt(fault.Vcpu);
            return FaultAnswer.Retry;
        }

        kvm.Store(AsyncHintLayout.OfferEpoch, AsyncHintLayout.OfferEpoch.At(fault.Vcpu),
            kvm.Load(AsyncHintLayout.SlotEpoch, 0));
        kvm.Store(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(fault.Vcpu), fault.Gfn.Value + 1);
        return FaultAnswer.Exit(ExitFlags.Userfault | ExitFlags.AsyncPf);
    }

    public RunAnswer OnRun(TKvm kvm, RunEntry entry)
    {
        // Nothing is consumed: the guest will not run, and the next KVM_RUN is still the re-entry after that exit.
        if (entry.ImmediateExit)
        {
            return RunAnswer.Enter;
        }

        ulong answer = Take(kvm, AsyncHintLayout.Answer, entry.Vcpu);
        ulong offered = Take(kvm, AsyncHintLayout.Offered, entry.Vcpu);
        if (offered == 0 || answer == AsyncHintLayout.AnswerNone)
        {
            return RunAnswer.Enter;
        }

        var gfn = new Gfn(offered - 1);
        return answer == AsyncHintLayout.AnswerAsync && TryStart(kvm, entry.Vcpu, gfn)
            ? RunAnswer.Enter
            : new RunAnswer(ExitAgain: true, gfn, ExitFlags.Userfault | AsyncHintLayout.RefusedFlag);
    }

    public long OnIoctl(TKvm kvm, IoctlCall call) => (call.Number switch
    {
        AsyncHintLayout.EnableCap => VcpuCapability.Set(kvm, AsyncHintLayout.AtReentryCapability, call),
        AsyncHintLayout.AsyncPf => Ready(kvm, call),
        _ => Errno.NotTty,
    }).Negated();

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => ApfLedger.Forget(kvm, AsyncHintLayout.ApfState, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) => HintQueue.BeginClearing(kvm, vcpu);

    /// <summary>An offer goes with the queue: after a reset the vCPU no longer executes what faulted.</summary>
    public void OnQueueCleared(TKvm kvm, int vcpu, QueueClearReason reason)
    {
        HintQueue.EndClearing(kvm, vcpu);
        kvm.Store(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(vcpu), 0);
    }

    public void OnMemslotChange(TKvm kvm, MemslotChange change) => kvm.FetchAdd(AsyncHintLayout.SlotEpoch, 0, 1);

    /// <summary>Reads a word of the vCPU once and zeroes it. Only the vCPU thread writes either word in a sane VMM; in
    /// another one, a write that falls in between is lost, which is the writer's problem.</summary>
    private static ulong Take(TKvm kvm, Region region, int vcpu)
    {
        ulong value = kvm.Load(region, region.At(vcpu));
        if (value != 0)
        {
            kvm.Store(region, region.At(vcpu), 0);
        }

        return value;
    }

    /// <summary>Starts the APF, unless the page has arrived since the exit.</summary>
    /// <returns>False if no APF can be started: userspace has to resolve the fault.</returns>
    private static bool TryStart(TKvm kvm, int vcpu, Gfn gfn)
    {
        if (!kvm.CanDoApf(vcpu))
        {
            return false;
        }

        ApfRef apf = ApfLedger.SetUp(kvm, AsyncHintLayout.ApfState, vcpu, gfn);
        if (!apf.Exists)
        {
            return false;
        }

        // The VMM clears the bit and then says READY. If that READY came before the set-up it found nothing (ENOENT),
        // and nobody will repeat it; but then the bit is clear by now, because both took the APF lock in between.
        // A frame that was armed again meanwhile is another matter: its set bit belongs to a fault nobody fetches, so
        // an offer does not outlive a memslot update; the guest faults afresh.
        bool readable = UserfaultBitmap.TryRead(kvm, AsyncHintLayout.Bitmap, gfn, out bool exits);
        bool current = kvm.Load(AsyncHintLayout.SlotEpoch, 0) == kvm.Load(AsyncHintLayout.OfferEpoch,
            AsyncHintLayout.OfferEpoch.At(vcpu));
        if (!readable || !exits || !current)
        {
            ApfLedger.Withdraw(kvm, AsyncHintLayout.ApfState, vcpu, apf);
        }
        else if (!ApfLedger.IsCompleted(kvm, AsyncHintLayout.ApfState, vcpu, apf))
        {
            // A READY that KVM has carried out since it read the bit is no news to it; one that comes from here on is
            // too late, because an injection writes guest memory and cannot be made under the lock.
            kvm.InjectNotPresent(vcpu, apf);
        }

        return true;
    }

    private static Errno Ready(TKvm kvm, IoctlCall call) =>
        AsyncPfRequest.TryParse(call.Argument, out Gfn gfn, out uint op) && op == AsyncHintLayout.Ready
            ? HintQueue.Ready(kvm, call.Vcpu, gfn)
            : Errno.Invalid;
}
