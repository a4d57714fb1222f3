using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Starts APFs in frames whose state is fault-async, and maps only what is present.</summary>
internal sealed class PlanesKvmHalf<TKvm>(PlanesFault fault) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private const int Present = 0;
    private const int FaultAsync = 2;

    private readonly PlanesFault _fault = fault;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        int state = Read(kvm, fault.Gfn);
        if (state < 0)
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        if (state == Present)
        {
            return FaultAnswer.Map;
        }

        if (fault.Prefetch || !kvm.CanDoApf(fault.Vcpu))
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        if (kvm.FindApf(fault.Vcpu, fault.Gfn).Exists)
        {
            kvm.RequestHalt(fault.Vcpu);
            return FaultAnswer.Retry;
        }

        ApfRef apf = state == FaultAsync
            ? FrameApf.SetUp(kvm, PlanesWords.Apfs, fault.Vcpu, fault.Gfn, FrameApf.Pending)
            : ApfRef.None;
        if (!apf.Exists)
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        kvm.InjectNotPresent(fault.Vcpu, apf);
        return FaultAnswer.Exit(TestFlags.Userfault | TestFlags.AsyncPf);
    }

    public long OnIoctl(TKvm kvm, IoctlCall call) => (call.Argument.W1 == FrameApf.Ready
        ? FrameApf.Complete(kvm, PlanesWords.Apfs, call.Vcpu, Gfn.OfGpa(call.Argument.W0))
        : Errno.Invalid).Negated();

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => FrameApf.Forget(kvm, PlanesWords.Apfs, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) =>
        FrameApf.ForgetAll(kvm, PlanesWords.Apfs, vcpu);

    /// <returns>The state, or -1 if it cannot be read.</returns>
    private int Read(TKvm kvm, Gfn gfn)
    {
        (Region first, Region second) = _fault.ReadsUpperFirst ? (PlanesWords.Upper, PlanesWords.Lower)
            : (PlanesWords.Lower, PlanesWords.Upper);
        if (!FrameBitmap.TryRead(kvm, first, gfn, out bool firstBit, MemoryOrder.Acquire)
            || !FrameBitmap.TryRead(kvm, second, gfn, out bool secondBit, MemoryOrder.Acquire))
        {
            return -1;
        }

        (bool upper, bool lower) = _fault.ReadsUpperFirst ? (firstBit, secondBit) : (secondBit, firstBit);
        return (upper ? 2 : 0) + (lower ? 1 : 0);
    }
}
