using UapiLab.Abstractions;
using UapiLab.Encodings.AsyncHint;

namespace UapiLab.Encodings.Exitless;

/// <summary>KVM's half: a fault goes into the notify ring and the guest goes on; if it does not fit, it exits as with
/// async-hint:inject=at-fault. KVM keeps its own head of that ring; the other indices are the page's.</summary>
/// <param name="ring">Entries of each ring.</param>
/// <param name="always">Signal at each entry, rather than when armed.</param>
internal sealed class ExitlessKvmHalf<TKvm>(int ring, bool always) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private const int FullRingEvent = 1;
    private const int SignalsEvent = 2;

    private readonly int _ring = ring;
    private readonly bool _always = always;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!UserfaultBitmap.TryRead(kvm, AsyncHintLayout.Bitmap, fault.Gfn, out bool exits))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        return exits ? OnMarkedFrame(kvm, fault) : FaultAnswer.Map;
    }

    /// <summary>Apart from the look-up, which is all that a fault in any other frame pays for.</summary>
    private FaultAnswer OnMarkedFrame(TKvm kvm, GuestFault fault)
    {
        int vcpu = fault.Vcpu;
        if (fault.Prefetch || !VcpuCapability.IsOn(kvm, AsyncHintLayout.Enabled, vcpu) || !kvm.CanDoApf(vcpu))
        {
            return FaultAnswer.Exit(ExitFlags.Userfault);
        }

        if (kvm.FindApf(vcpu, fault.Gfn).Exists)
        {
            kvm.RequestHalt(vcpu);
            return FaultAnswer.Retry;
        }

        bool fits = HasRoom(kvm, vcpu, out ulong head);
        ApfRef apf = ApfLedger.SetUp(kvm, AsyncHintLayout.ApfState, vcpu, fault.Gfn, fits ? ApfLedger.Accepted
            : ApfLedger.Pending);
        if (!apf.Exists)
        {
            return FaultAnswer.Exit(ExitFlags.Userfault);
        }

        if (!fits)
        {
            kvm.Count(FullRingEvent);
        }

        bool signals = fits && Publish(kvm, vcpu, head, fault.Gfn);
        kvm.InjectNotPresent(vcpu, apf);
        if (signals)
        {
            kvm.Count(SignalsEvent);
            kvm.SignalEventfd(ExitlessLayout.NotifyFd(vcpu));
        }

        return fits ? FaultAnswer.Retry : FaultAnswer.Exit(ExitFlags.Userfault | ExitFlags.AsyncPf);
    }

    /// <summary>Only faults that did not fit can be pending.</summary>
    public RunAnswer OnRun(TKvm kvm, RunEntry entry)
    {
        if (!entry.ImmediateExit)
        {
            PendingApfs.CompleteAll(kvm, entry.Vcpu);
        }

        return RunAnswer.Enter;
    }

    public long OnIoctl(TKvm kvm, IoctlCall call) => (call.Number switch
    {
        VcpuCapability.EnableCap =>
            VcpuCapability.Set(kvm, AsyncHintLayout.Enabled, AsyncHintLayout.AtFaultCapability, call),
        AsyncHintLayout.AsyncPf => PendingApfs.Answer(kvm, call),
        ExitlessLayout.SetEventfd => EventfdRequest.Set(kvm, call),
        _ => Errno.Invalid,
    }).Negated();

    /// <summary>In the signaller's context: the ring is drained by a work item.</summary>
    public void OnEventfd(TKvm kvm, int eventfd) => kvm.QueueWork((ulong)eventfd / 2);

    /// <summary>What came meanwhile is another item's.</summary>
    public void OnWork(TKvm kvm, ulong argument)
    {
        if (CompletionRing.Drain(kvm, (int)argument, _ring))
        {
            kvm.QueueWork(argument);
        }
    }

    /// <summary>A completion may be in the ring whose signal the worker has not seen to: without this look the vCPU
    /// could sleep on it.</summary>
    public void OnBeforeHalt(TKvm kvm, int vcpu) => CompletionRing.Drain(kvm, vcpu, _ring);

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => ApfLedger.Forget(kvm, AsyncHintLayout.ApfState, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) => HintQueue.BeginClearing(kvm, vcpu);

    public void OnQueueCleared(TKvm kvm, int vcpu, QueueClearReason reason) => HintQueue.EndClearing(kvm, vcpu);

    /// <summary>Whatever tail userspace wrote, more than a ring of entries outstanding counts as full.</summary>
    private bool HasRoom(TKvm kvm, int vcpu, out ulong head)
    {
        head = 0;
        if (kvm.Load(ExitlessLayout.Registered, ExitlessLayout.Registered.At(vcpu)) == 0)
        {
            return false;
        }

        head = kvm.Load(ExitlessLayout.KvmHead, ExitlessLayout.KvmHead.At(vcpu));
        ulong tail = kvm.Load(ExitlessLayout.Notify, ExitlessLayout.Tail(ExitlessLayout.Notify, vcpu),
            MemoryOrder.Acquire);
        return ExitlessLayout.Count(head, tail, _ring) < (ulong)_ring;
    }

    /// <summary>The entry, and then the flag.</summary>
    /// <returns>Whether the eventfd is to be signalled.</returns>
    private bool Publish(TKvm kvm, int vcpu, ulong head, Gfn gfn)
    {
        Region entries = ExitlessLayout.NotifyEntries(_ring);
        ulong entry = ExitlessLayout.Entry(entries, vcpu, head, _ring);
        kvm.Store(entries, entry, gfn.Gpa);
        kvm.Store(entries, entry + 1, ExitFlags.Userfault | ExitFlags.AsyncPf);
        kvm.Store(ExitlessLayout.KvmHead, ExitlessLayout.KvmHead.At(vcpu), ExitlessLayout.After(head, _ring));
        kvm.Store(ExitlessLayout.Notify, ExitlessLayout.Head(ExitlessLayout.Notify, vcpu),
            ExitlessLayout.After(head, _ring), MemoryOrder.Release);
        if (_always)
        {
            return true;
        }

        // The head has to be visible before the flag is looked at; the consumer does the opposite.
        kvm.Fence();
        return (kvm.FetchAnd(ExitlessLayout.Flags, ExitlessLayout.Flags.At(vcpu), ~ExitlessLayout.NotifyArmed)
            & ExitlessLayout.NotifyArmed) != 0;
    }
}
