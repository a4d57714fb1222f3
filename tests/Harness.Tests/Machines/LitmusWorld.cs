using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>A machine with a few words, whose loads find the value the test asks for.</summary>
internal sealed class LitmusWorld : IGuestProgram, IChoices, IDriver, IMachineObserver, IDisposable
{
    public LitmusWorld(MemoryOrdering ordering, int words)
    {
        var clock = new StepClock();
        Machine = new Machine(new MachineConfig
        {
            Vcpus = 4,
            TasksPerVcpu = 1,
            Gfns = 1,
            ApfLimit = 1,
            Order = ordering
        }, new WordsOnly(words), this, this, this, this, clock);
    }

    public Machine Machine { get; }
    public int Older { get; set; }
    public int Choices { get; set; }

    public int Choose(ChoiceKind kind, ulong key, int n)
    {
        if (kind != ChoiceKind.ReadFrom)
        {
            return 0;
        }

        Choices = n;
        return Math.Min(Older, n - 1);
    }

    public void Dispose() => Machine.Dispose();

    public bool TryStep(int task, long index, out GuestStep step)
    {
        step = default;
        return false;
    }

    public void On(in MachineEvent e) { }

    private sealed class WordsOnly(int words) : Encoding
    {
        public override EncodingDescription Description { get; } =
            new() { Id = "words", FullName = "words", Summary = "words", Origin = "test", BitsPerGfn = 1 };
        public override IReadOnlyList<RegionSpec> Regions { get; } =
            [new("words", RegionOwner.Shared, RegionScope.PerVm, 64, words, "words")];
        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new Kvm<TKvm>();
        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new Vmm<TVmm>();

        private sealed class Kvm<TKvm> : IKvmHalf<TKvm> where TKvm : struct, IKvm
        {
            public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => FaultAnswer.Map;
        }

        private sealed class Vmm<TVmm> : IVmmHalf<TVmm> where TVmm : struct, IVmm
        {
            public void OnArm(TVmm vmm, ArmRequest request) { }
            public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;
            public void OnContentArrived(TVmm vmm, Gfn gfn) { }
        }
    }
}
