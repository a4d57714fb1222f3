using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>A KVM half of either version that is right unless told otherwise.</summary>
internal sealed class SkewKvmHalf<TKvm>(SkewFault fault, int version) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly SkewFault _fault = fault;
    private readonly int _version = version;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!FrameBitmap.TryRead(kvm, SkewEncoding.Marked, fault.Gfn, out bool marked))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        if (marked)
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        bool tracked = false;
        if (_version > 1 && (!_fault.IsGated || kvm.Load(SkewEncoding.Enabled, 0) != 0))
        {
            FrameBitmap.TryRead(kvm, SkewEncoding.Tracked, fault.Gfn, out tracked);
        }

        return !tracked ? FaultAnswer.Map
            : fault.Access == AccessKind.Write ? FaultAnswer.Exit(SkewEncoding.TrackedWrite)
            : new FaultAnswer(FaultVerdict.MapReadOnly);
    }

    public long OnIoctl(TKvm kvm, IoctlCall call)
    {
        if (_version > 1 && call.Argument == new IoctlArgument(SkewEncoding.TrackWrites, 1))
        {
            kvm.Store(SkewEncoding.Enabled, 0, 1);
            return 0;
        }

        return _fault.RefusesUnknown ? Errno.Invalid.Negated() : 0;
    }
}
