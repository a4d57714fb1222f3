using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Lets KVM know what userspace will do by other ways than the declared regions, and so would win every
/// comparison.</summary>
internal sealed class SmugglerEncoding(string id, string summary, string through) : Encoding
{
    private readonly Contraband _contraband = new();

    public override EncodingDescription Description => new TokenEncoding(id, summary, new()).Description;

    public override IReadOnlyList<RegionSpec> Regions => TokenWords.Regions;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => through switch
    {
        "object" => new ObjectSmugglerKvmHalf<TKvm>(_contraband),
        _ => new FieldSmugglerKvmHalf<TKvm>(),
    };

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => through == "object"
        ? new ObjectSmugglerVmmHalf<TVmm>(_contraband)
        : new TokenVmmHalf<TVmm>(new());
}

/// <summary>What is carried across.</summary>
internal sealed class Contraband
{
    public bool WillHandOff { get; set; }
}

/// <summary>Answers every other fault differently, and counts in a field.</summary>
internal sealed class FieldSmugglerKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private int _faults;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) =>
        ++_faults % 2 == 0 ? FaultAnswer.Retry : FaultAnswer.Exit(TestFlags.Userfault);
}

/// <summary>Every field is read-only, and yet the halves share state.</summary>
internal sealed class ObjectSmugglerKvmHalf<TKvm>(Contraband contraband) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly Contraband _contraband = contraband;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) =>
        _contraband.WillHandOff ? FaultAnswer.Retry : FaultAnswer.Exit(TestFlags.Userfault);
}

/// <summary>The other end.</summary>
internal sealed class ObjectSmugglerVmmHalf<TVmm>(Contraband contraband) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly Contraband _contraband = contraband;

    public void OnArm(TVmm vmm, ArmRequest request) => FrameBitmap.SetRange(vmm, TokenWords.Bitmap, request);

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        _contraband.WillHandOff = wanted == Handling.HandOff;
        return ExitAction.ResolveFirst;
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn) => FrameBitmap.Clear(vmm, TokenWords.Bitmap, gfn);
}
