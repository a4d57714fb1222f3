using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Faults without an exit: KVM injects, puts the frame in a ring of the vCPU and goes back to the guest. An
/// eventfd wakes the VMM if it asked for that; completion is a READY. If the ring is full, the fault exits without
/// APF.</summary>
internal sealed class RingEncoding(string id, string summary, RingFault fault) : Encoding
{
    public override EncodingDescription Description => TestFlags.Describe(id, summary, 1, "present", "fault");

    public override IReadOnlyList<RegionSpec> Regions =>
    [
        new("userfault_bitmap", RegionOwner.Shared, RegionScope.PerGfn, 64, 1, "1 = a fault is userspace's.") { Holds =
            WordKind.Number },
        FrameApf.Spec,
        new("wanted", RegionOwner.Shared, RegionScope.PerVcpu, 32, 1,
            "1 = signal the eventfd at the next fault. Whoever changes it to 0 takes over the consuming: KVM for the "
                + "thread it wakes.") { Holds = WordKind.Number },
        new("ring", RegionOwner.Shared, RegionScope.PerVcpu, 32, 2,
            "Head, written by KVM, and tail, written by the VMM.") { Holds = WordKind.Number, RunsFreely = RunsFreely },
        new("entries", RegionOwner.Shared, RegionScope.PerVcpu, 64, RingWords.Size,
            "Frame plus one.") { Holds = WordKind.GfnPlusOne },
        new("kvm_head", RegionOwner.KvmPrivate, RegionScope.PerVcpu, 32, 1, "The head that KVM believes.")
        { Holds = WordKind.Number, RunsFreely = RunsFreely },
        new("vmm_tail", RegionOwner.VmmPrivate, RegionScope.PerVcpu, 32, 1,
            "The tail, for the next thread that consumes.") { Holds = WordKind.Number, RunsFreely = RunsFreely },
    ];

    private bool RunsFreely => fault.Indices != RingIndices.TwiceTheSize;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new RingKvmHalf<TKvm>(fault);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new RingVmmHalf<TVmm>(fault);
}

/// <summary>Handles of its regions, and the arithmetic of its indices.</summary>
internal static class RingWords
{
    /// <summary>Small, so that a checker meets a full ring too.</summary>
    public const int Size = 2;

    public static Region Bitmap => new(0);

    public static Region Apfs => new(1);

    public static Region Wanted => new(2);

    public static Region Ring => new(3, WordsPerUnit: 2);

    public static Region Entries => new(4, WordsPerUnit: Size);

    public static Region KvmHead => new(5);

    public static Region VmmTail => new(6);

    public static ulong Head(int vcpu) => Ring.At(vcpu);

    public static ulong Tail(int vcpu) => Ring.At(vcpu, 1);

    public static ulong Entry(int vcpu, ulong index) => Entries.At(vcpu, (int)(index % Size));

    /// <summary>Indices run to twice the size or further, so that full and empty differ.</summary>
    public static ulong After(ulong index, RingFault fault) =>
        fault.Indices == RingIndices.TwiceTheSize ? (index + 1) % (2 * Size) : unchecked((uint)(index + 1));

    /// <remarks>The tail is userspace's and may be any number.</remarks>
    public static bool IsFull(ulong head, ulong tail) => unchecked(head - tail) % (2 * Size) >= Size;

    /// <summary>The eventfd of a vCPU's ring, by the machine's numbering.</summary>
    public static int Eventfd(int vcpu) => 2 * vcpu;
}
