using UapiLab.Abstractions;

namespace UapiLab.Plugins.C;

/// <summary>KVM's half, in C.</summary>
internal sealed unsafe class CKvmHalf<TKvm>(CCode code) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly CCode _code = code;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        var a = stackalloc ulong[4]
        {
            Words.Of(fault.Vcpu), fault.Gfn.Value, (ulong)fault.Access,
            (fault.Prefetch ? 1UL : 0) | (fault.IsPrivate ? 2UL : 0),
        };
        return Run(kvm, CEntry.GuestFault, a, a)
            ? new(_code.Value<FaultVerdict>(a[0]), a[1], a[2], (Errno)Words.Int(a[3]))
            : default;
    }

    public RunAnswer OnRun(TKvm kvm, RunEntry entry)
    {
        if (!_code.Has(CEntry.Run))
        {
            return RunAnswer.Enter;
        }

        var a = stackalloc ulong[4] { Words.Of(entry.Vcpu), entry.ImmediateExit ? 1UL : 0, 0, 0 };
        return Run(kvm, CEntry.Run, a, a) ? new(a[0] != 0, new(a[1]), a[2], a[3]) : default;
    }

    public void OnRunReturn(TKvm kvm, int vcpu) => Tell(kvm, CEntry.RunReturn, Words.Of(vcpu));

    public long OnIoctl(TKvm kvm, IoctlCall call)
    {
        if (!_code.Has(CEntry.Ioctl))
        {
            return Errno.Invalid.Negated();
        }

        var (w0, w1, w2, w3) = call.Argument;
        var a = stackalloc ulong[5] { (Words.Of(call.Vcpu) << 32) | call.Number, w0, w1, w2, w3 };
        return Run(kvm, CEntry.Ioctl, a, a) ? Words.Long(a[0]) : 0;
    }

    public void OnEventfd(TKvm kvm, int eventfd) => Tell(kvm, CEntry.KvmEventfd, Words.Of(eventfd));

    public void OnWork(TKvm kvm, ulong argument) => Tell(kvm, CEntry.Work, argument);

    public void OnBeforeHalt(TKvm kvm, int vcpu) => Tell(kvm, CEntry.BeforeHalt, Words.Of(vcpu));

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) =>
        Tell(kvm, CEntry.ApfDelivered, Words.Of(vcpu), Words.Of(apf.Slot), apf.Token, apf.Gfn.Value);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) =>
        Tell(kvm, CEntry.QueueClearing, Words.Of(vcpu), (ulong)reason);

    public void OnQueueCleared(TKvm kvm, int vcpu, QueueClearReason reason) =>
        Tell(kvm, CEntry.QueueCleared, Words.Of(vcpu), (ulong)reason);

    public void OnMemslotChange(TKvm kvm, MemslotChange change) =>
        Tell(kvm, CEntry.MemslotChange, change.Enabled ? 1UL : 0, change.WasEnabled ? 1UL : 0);

    private void Tell(TKvm kvm, CEntry entry, ulong first, ulong second = 0, ulong third = 0, ulong fourth = 0)
    {
        if (_code.Has(entry))
        {
            var a = stackalloc ulong[4] { first, second, third, fourth };
            Run(kvm, entry, a, a);
        }
    }

    private bool Run(TKvm kvm, CEntry entry, ulong* arguments, ulong* result) =>
        _code.TryRun<TKvm, KvmCalls<TKvm>>(kvm, entry, arguments, result);
}

/// <summary>The VMM's half, in C.</summary>
internal sealed unsafe class CVmmHalf<TVmm>(CCode code) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly CCode _code = code;

    public void OnArm(TVmm vmm, ArmRequest request) =>
        Tell(vmm, CEntry.Arm, request.First.Value, request.Count, (ulong)request.Prediction);

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        var a = stackalloc ulong[5] { Words.Of(exit.Vcpu), exit.Gfn.Value, exit.Flags, exit.Extra, (ulong)wanted };
        return Run(vmm, CEntry.Exit, a, a) ? _code.Value<ExitAction>(a[0]) : default;
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn) => Tell(vmm, CEntry.ContentArrived, gfn.Value);

    public void OnFetchStarted(TVmm vmm, FetchStart start) =>
        Tell(vmm, CEntry.FetchStarted, start.Gfn.Value, start.OnDemand ? 1UL : 0, (ulong)start.Prediction);

    public void OnVcpuCreated(TVmm vmm, int vcpu) => Tell(vmm, CEntry.VcpuCreated, Words.Of(vcpu));

    public bool OnTrackWrites(TVmm vmm, Gfn first, ulong count)
    {
        var a = stackalloc ulong[4] { first.Value, count, 0, 0 };
        return _code.Has(CEntry.TrackWrites) && Run(vmm, CEntry.TrackWrites, a, a) && a[0] != 0;
    }

    public void OnEventfd(TVmm vmm, int eventfd) => Tell(vmm, CEntry.VmmEventfd, Words.Of(eventfd));

    private void Tell(TVmm vmm, CEntry entry, ulong first, ulong second = 0, ulong third = 0)
    {
        if (_code.Has(entry))
        {
            var a = stackalloc ulong[4] { first, second, third, 0 };
            Run(vmm, entry, a, a);
        }
    }

    private bool Run(TVmm vmm, CEntry entry, ulong* arguments, ulong* result) =>
        _code.TryRun<TVmm, VmmCalls<TVmm>>(vmm, entry, arguments, result);
}
