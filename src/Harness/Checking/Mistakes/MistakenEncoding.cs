using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Checking.Mistakes;

/// <summary>An encoding whose VMM's half makes one mistake, or none and is watched. KVM's half is as it was.</summary>
internal sealed class MistakenEncoding : Encoding, IDerivedEncoding
{
    private readonly HandedCalls _handed;

    /// <param name="original">The careful one.</param>
    /// <param name="mistake">What is done wrong; null: nothing.</param>
    public MistakenEncoding(Encoding original, Mistake? mistake)
    {
        Original = original;
        Mistake = mistake;
        Plan = new(mistake, original);
        _handed = new(original.Regions.Count);
        Regions = UsesOwnEventfd ? [.. original.Regions, HandedCalls.Spec(original.Description)] : original.Regions;
        var description = original.Description;
        Description = mistake is null ? description
            : description with { FullName = $"{description.FullName} where {mistake.What(original)}" };
    }

    /// <inheritdoc/>
    public Encoding Original { get; }

    /// <summary>What is done wrong; null: nothing.</summary>
    public Mistake? Mistake { get; }

    /// <summary>What the half was seen to do.</summary>
    public MistakePlan Plan { get; }

    /// <inheritdoc/>
    public bool IsCareless => Mistake is not null;

    /// <inheritdoc/>
    public bool UsesOwnEventfd => Mistake?.Kind == MistakeKind.OtherThread;

    /// <inheritdoc/>
    public override EncodingDescription Description { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<RegionSpec> Regions { get; }

    /// <inheritdoc/>
    public Encoding Over(Encoding other) => new MistakenEncoding(other, Mistake);

    /// <inheritdoc/>
    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => Original.KvmHalf<TKvm>();

    /// <inheritdoc/>
    public override IVmmHalf<TVmm> VmmHalf<TVmm>() =>
        new MistakenVmmHalf<TVmm>(Original.VmmHalf<MistakenVmm<TVmm>>(), Plan, _handed);
}

/// <summary>Runs a VMM's half in a <see cref="MistakenVmm{TVmm}"/>, a new one for each operation.</summary>
internal sealed class MistakenVmmHalf<TVmm>(IVmmHalf<MistakenVmm<TVmm>> half, MistakePlan plan, HandedCalls handed)
    : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    public void OnArm(TVmm vmm, ArmRequest request) => Call(vmm, Operation.OnArm, world => half.OnArm(world, request));

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        var call = Begin(vmm, Operation.OnExit);
        return call.MakeGood(half.OnExit(new(call), exit, wanted));
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn) =>
        Call(vmm, Operation.OnContentArrived, world => half.OnContentArrived(world, gfn));

    public void OnFetchStarted(TVmm vmm, FetchStart start) =>
        Call(vmm, Operation.OnFetchStarted, world => half.OnFetchStarted(world, start));

    public void OnVcpuCreated(TVmm vmm, int vcpu) =>
        Call(vmm, Operation.OnVcpuCreated, world => half.OnVcpuCreated(world, vcpu));

    public bool OnTrackWrites(TVmm vmm, Gfn first, ulong count)
    {
        var call = Begin(vmm, Operation.OnTrackWrites);
        return call.MakeGood(half.OnTrackWrites(new(call), first, count));
    }

    public void OnEventfd(TVmm vmm, int eventfd)
    {
        if (eventfd == OwnEventfd.Number)
        {
            handed.Make(vmm, plan);
            return;
        }

        Call(vmm, Operation.OnEventfd, world => half.OnEventfd(world, eventfd));
    }

    private void Call(TVmm vmm, Operation operation, Action<MistakenVmm<TVmm>> act)
    {
        var call = Begin(vmm, operation);
        act(new(call));
        call.MakeGood();
    }

    private MistakenCall<TVmm> Begin(TVmm vmm, Operation operation) => new(vmm, plan, handed, operation);
}
