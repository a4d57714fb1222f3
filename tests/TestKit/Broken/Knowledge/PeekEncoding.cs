using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>KVM's half reaches for what it cannot know: a word of the VMM, or the ground truth. Nothing is wrong with
/// its types, so it is stopped when it does so.</summary>
internal sealed class PeekEncoding(string id, string summary, bool asksForTruth) : Encoding
{
    public override EncodingDescription Description => new TokenEncoding(id, summary, new()).Description;

    public override IReadOnlyList<RegionSpec> Regions =>
    [
        .. TokenWords.Regions,
        new("vmm_wish", RegionOwner.VmmPrivate, RegionScope.PerVm, 64, 1, "What the VMM is about to do.") { Holds =
            WordKind.Number },
    ];

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => asksForTruth ? new AskingKvmHalf<TKvm>()
        : new PeekingKvmHalf<TKvm>();

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new TokenVmmHalf<TVmm>(new());
}

/// <summary>Reads a word of the VMM's own.</summary>
internal sealed class PeekingKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) =>
        kvm.Load(new Region(2), 0) == 0 ? FaultAnswer.Exit(TestFlags.Userfault) : FaultAnswer.Retry;
}

/// <summary>Asks for the ground truth without saying that it is omniscient.</summary>
internal sealed class AskingKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) =>
        kvm.Truth(fault.Vcpu, fault.Gfn).RemainingNs == 0 ? FaultAnswer.Exit(TestFlags.Userfault) : FaultAnswer.Retry;
}
