using UapiLab.Abstractions;

namespace UapiLab.Encodings.Oracle;

/// <summary>KVM's half: starts an APF exactly where the ground truth says that it will pay.</summary>
internal sealed class OracleKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    /// <summary>A shorter wait is not worth an APF. Its signalling costs an oracle nothing; what is left is two task
    /// switches and the exits for EOI and ACK, of the order of 5 us. An assumption: rankings must not hinge on
    /// it.</summary>
    public const long WorthwhileNs = 5_000;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!UserfaultBitmap.TryRead(kvm, OracleLayout.Bitmap, fault.Gfn, out bool exits))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        return exits ? OnMarkedFrame(kvm, fault) : FaultAnswer.Map;
    }

    /// <summary>Apart from the look-up, which is all that a fault in any other frame pays for.</summary>
    private static FaultAnswer OnMarkedFrame(TKvm kvm, GuestFault fault)
    {
        if (fault.Prefetch || fault.IsPrivate || !kvm.CanDoApf(fault.Vcpu))
        {
            return FaultAnswer.Exit(ExitFlags.Userfault);
        }

        if (kvm.FindApf(fault.Vcpu, fault.Gfn).Exists)
        {
            kvm.RequestHalt(fault.Vcpu);
            return FaultAnswer.Retry;
        }

        if (Pays(kvm.Truth(fault.Vcpu, fault.Gfn)) && kvm.CanDeliverApf(fault.Vcpu))
        {
            ApfRef apf = ApfLedger.SetUp(kvm, OracleLayout.ApfState, fault.Vcpu, fault.Gfn);
            if (apf.Exists)
            {
                kvm.InjectNotPresent(fault.Vcpu, apf);
                return FaultAnswer.Exit(ExitFlags.Userfault | ExitFlags.AsyncPf);
            }
        }

        return FaultAnswer.Exit(ExitFlags.Userfault);
    }

    public long OnIoctl(TKvm kvm, IoctlCall call)
    {
        if (call.Number != OracleLayout.Ready)
        {
            return Errno.Invalid.Negated();
        }

        ulong gpa = call.Argument.W0;
        return gpa % Gfn.PageSize != 0
            ? Errno.Invalid.Negated()
            : ApfLedger.Ready(kvm, OracleLayout.ApfState, call.Vcpu, Gfn.OfGpa(gpa)).Negated();
    }

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => ApfLedger.Forget(kvm, OracleLayout.ApfState, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason)
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        ApfLedger.ForgetAllLocked(kvm, OracleLayout.ApfState, vcpu);
        kvm.Unlock(KvmLock.Apf, vcpu);
    }

    /// <summary>The page is far enough away, and another task can run meanwhile, or will when a page of its own
    /// arrives: a vCPU that blocks keeps them all from running.</summary>
    private static bool Pays(GroundTruth truth) =>
        truth.Disposition is Disposition.Async or Disposition.InFlight
        && truth.RemainingNs > WorthwhileNs
        && truth.RunnableTasks + truth.WaitingTasks > 0;
}
