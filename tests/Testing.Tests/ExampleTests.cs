using UapiLab.Abstractions;
using UapiLab.Testing;

namespace Example;

/// <summary>One bit for each frame, and nothing asynchronous.</summary>
public sealed class OneBit : Encoding
{
    public static Region Bitmap => new(0);

    public override EncodingDescription Description => new()
    {
        Id = "one-bit",
        FullName = "one-bit",
        Summary = "A marked frame exits.",
        Origin = "An example.",
        BitsPerGfn = 1,
        States = ["present", "fault"],
    };

    public override IReadOnlyList<RegionSpec> Regions =>
    [
        new("bitmap", RegionOwner.Shared, RegionScope.PerGfn, 64, 1, "1 = a fault exits to userspace.")
        {
            Holds = WordKind.Number,
        },
    ];

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new OneBitKvmHalf<TKvm>();

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new OneBitVmmHalf<TVmm>();
}

public sealed class OneBitKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!kvm.TryLoad(OneBit.Bitmap, fault.Gfn.Value / 64, out ulong word, MemoryOrder.Acquire))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        return (word >> (int)(fault.Gfn.Value % 64) & 1) != 0 ? FaultAnswer.Exit(1UL << 4) : FaultAnswer.Map;
    }
}

public sealed class OneBitVmmHalf<TVmm> : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    public void OnArm(TVmm vmm, ArmRequest request)
    {
        ulong next = request.First.Value;
        while (true)
        {
            vmm.Checkpoint(0, ref next);
            if (next == request.First.Value + request.Count)
            {
                break;
            }

            vmm.FetchOr(OneBit.Bitmap, next / 64, 1UL << (int)(next % 64), MemoryOrder.Relaxed);
            next++;
        }

        vmm.Fence();
    }

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;

    public void OnContentArrived(TVmm vmm, Gfn gfn) =>
        vmm.FetchAnd(OneBit.Bitmap, gfn.Value / 64, ~(1UL << (int)(gfn.Value % 64)), MemoryOrder.Release);
}

public sealed class OneBitConformance : EncodingConformance
{
    protected override Encoding Encoding => new OneBit();
}
