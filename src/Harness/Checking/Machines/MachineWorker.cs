using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>One thread's machine.</summary>
internal sealed class MachineWorker : IModelWorker, IMachineObserver, IDriver
{
    private readonly Encoding encoding;
    private readonly CheckInstance instance;
    private readonly bool reduces;
    private readonly ChoiceScript script = new();
    private readonly Pace pace = new();
    private Machine machine = null!;
    private Normalisation normalisation = null!;
    private StateCodec codec = null!;
    private Symmetry? symmetry;
    private ulong observed;

    public MachineWorker(Encoding encoding, CheckInstance instance, bool reduces)
    {
        this.encoding = encoding;
        this.instance = instance;
        this.reduces = reduces;
        Build();
        normalisation = new(machine);
        codec = new(machine);
        symmetry = instance.Symmetric ? new(machine) : null;
    }

    public Machine Machine => machine;

    private void Build()
    {
        pace.Horizon = long.MaxValue;
        machine = new Machine(instance.Shape, encoding, new CheckProgram(instance), new InitialChoices(script), this, this, pace);
        pace.Horizon = long.MinValue;
        script.Attach(machine);
    }

    public void Initial(ISuccessors successors)
    {
        script.Reset();
        do
        {
            machine.Dispose();
            Build();
            normalisation = new(machine);
            codec = new(machine);
        symmetry = instance.Symmetric ? new(machine) : null;
            observed = 0;
            Canonical();
            successors.Add(codec.Encode(), new StepInfo(0, 0));
        }
        while (script.Advance());
        script.Reset();
        var shape = machine;
        machine = new Machine(instance.Shape, encoding, new CheckProgram(instance), script, this, this, pace);
        shape.Dispose();
        script.Attach(machine);
        normalisation = new(machine);
        codec = new(machine);
        symmetry = instance.Symmetric ? new(machine) : null;
    }

    private bool fresh = true;

    public void Expand(ReadOnlySpan<byte> state, ISuccessors successors)
    {
        if (fresh)
        {
            fresh = false;
            script.Reset();
            var old = machine;
            pace.Horizon = long.MaxValue;
            machine = new Machine(instance.Shape, encoding, new CheckProgram(instance), script, this, this, pace);
            pace.Horizon = long.MinValue;
            old.Dispose();
            script.Attach(machine);
            normalisation = new(machine);
            codec = new(machine);
        symmetry = instance.Symmetric ? new(machine) : null;
        }

        var someoneMust = false;
        codec.Decode(state);
        ulong runnable = 0;
        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            if (machine.IsRunnable(actor))
            {
                runnable |= 1UL << actor;
            }
        }

        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            if ((runnable >> actor & 1) != 0)
            {
                script.Reset();
                do
                {
                    codec.Decode(state);
                    var optional = actor == machine.RearmActor && machine.Actors[actor].Step == ServiceStep.Wait;
                    observed = 0;
                    MacroStep(actor);
                    optional |= script.IsOptional;
                    someoneMust |= !optional;
                    Canonical();
                    successors.Add(codec.Encode(), new StepInfo(actor, observed, IsOptional: optional));
                }
                while (script.Advance());
            }
        }

        codec.Decode(state);
        for (var vcpu = 0; vcpu < instance.Vcpus; vcpu++)
        {
            if (machine.CanSignal(vcpu))
            {
                machine.Signal(vcpu);
                Canonical();
                successors.Add(codec.Encode(), new StepInfo(vcpu, 0, IsOptional: true));
                codec.Decode(state);
            }
        }

        if (!someoneMust && machine.LiveVcpus > 0)
        {
            successors.Observe(1UL << (int)ViolationKind.LostWakeup);
        }
    }

    /// <summary>A normal state with other names; null if it cannot be renamed. For the test that renaming is right.</summary>
    internal byte[]? Renamed(ReadOnlySpan<byte> state, int[] vcpuNames, int[] frameNames)
    {
        codec.Decode(state);
        var renaming = new Renaming(machine);
        if (!Renaming.IsPossible(machine) || renaming.IsStuck())
        {
            return null;
        }

        renaming.Apply(vcpuNames, frameNames);
        normalisation.Apply();
        return codec.Encode().ToArray();
    }

    private void Canonical()
    {
        normalisation.Apply();
        symmetry?.Apply();
    }

    private void MacroStep(int actor)
    {
        machine.Interfered = false;
        do
        {
            machine.Step(actor);
        }
        while (reduces && !machine.Interfered && machine.IsRunnable(actor) && observed == 0);
    }

    void IMachineObserver.On(in MachineEvent e)
    {
        if (e.Kind == MachineEventKind.Violation)
        {
            observed |= 1UL << (int)e.Value;
        }
    }

    void IDriver.Woken(int actor) { }
    void IDriver.Compute(int actor, long ns) { }
    long IDriver.ComputeUndone(int actor) => 0;
    void IDriver.Preempt(int actor) { }
    void IDriver.Delay(DelayKind kind, ulong key) { }
    void IDriver.BlockUntil(int actor, long ns) { }
    void IDriver.FetchIssued(int fetch, ulong gfn, Disposition disposition) { }
    long IDriver.FetchRemaining(int fetch, ulong gfn, Disposition disposition) => 0;

    public void Dispose() => machine.Dispose();

    private sealed class InitialChoices(ChoiceScript script) : IChoices
    {
        public int Choose(ChoiceKind kind, ulong key, int n) => script.Choose(kind, key, n);
    }
}
