using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>One thread's machine.</summary>
internal sealed class MachineWorker : IModelWorker
{
    private readonly Encoding encoding;
    private readonly CheckInstance instance;
    private readonly Discipline discipline;
    private readonly ChoiceScript script = new();
    private readonly EventMask events;

    /// <summary>How many answers had been given after each step of the machine within the step taken last.</summary>
    private readonly List<int> microSteps = [];
    private Cockpit cockpit;

    /// <param name="encoding">What is explored.</param>
    /// <param name="instance">On which machine.</param>
    /// <param name="discipline">What is known of how the encoding guards its words.</param>
    /// <param name="observer">Sees every event.</param>
    public MachineWorker(Encoding encoding, CheckInstance instance, Discipline? discipline = null, IMachineObserver? observer = null)
    {
        events = new(MachineProperty.Of(instance), observer);
        this.encoding = encoding;
        this.instance = instance;
        this.discipline = discipline ?? new();
        cockpit = Build();
    }

    public Machine Machine => cockpit.Machine;

    /// <summary>The step taken last broke a property that must always hold.</summary>
    public bool IsBroken => events.IsBroken;

    /// <summary>The step taken last, one step of the machine at a time.</summary>
    internal IEnumerable<ScheduledStep> Scheduled(MachineStep step) => step.Kind switch
    {
        StepKind.Commit => [new(StepKind.Commit, step.Actor, [step.Which])],
        StepKind.Signal => [new(StepKind.Signal, step.Actor, [])],
        _ => microSteps.Select((end, i) =>
            new ScheduledStep(StepKind.Step, step.Actor, [.. script.Answers.Take(end).Skip(i == 0 ? 0 : microSteps[i - 1])])),
    };

    /// <summary>Every prediction the VMM may arm with is an initial state of its own.</summary>
    public void Initial(ISuccessors successors)
    {
        script.Reset();
        do
        {
            cockpit.Dispose();
            cockpit = Build(cockpit.Codec.Usual);
            Canonical();
            successors.Add(cockpit.Codec.Encode(), new StepInfo(0, 0, Allowances: cockpit.Codec.Allowances));
        }
        while (script.Advance());
    }

    /// <summary>Initial states under the names the machine gave, one for each prediction the VMM may arm with.</summary>
    /// <param name="before">Called before each is built.</param>
    internal IEnumerable<(byte[] State, byte Allowances)> InitialStates(Action before)
    {
        script.Reset();
        do
        {
            cockpit.Dispose();
            before();
            cockpit = Build(cockpit.Codec.Usual);
            yield return Plain();
        }
        while (script.Advance());
    }

    public void Expand(ReadOnlySpan<byte> state, byte allowances, ISuccessors successors)
    {
        var someoneMust = false;
        foreach (var step in Steps(state.ToArray(), allowances))
        {
            someoneMust |= !step.IsOptional;
            Canonical();
            successors.Add(cockpit.Codec.Encode(), new StepInfo(step.Process(Machine), events.Mask, IsOptional: step.IsOptional, Allowances: cockpit.Codec.Allowances));
        }

        if (!someoneMust)
        {
            cockpit.Codec.Decode(state, allowances);
            successors.Observe(events.AtRest(Machine));
        }
    }

    /// <summary>Takes every step that can be taken in a state, one after the other: after each the machine is in the state it leads
    /// to, not brought into normal form yet.</summary>
    internal IEnumerable<MachineStep> Steps(byte[] state, byte allowances)
    {
        var machine = cockpit.Machine;
        cockpit.Codec.Decode(state, allowances);
        var runnable = Runnable();
        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            if ((runnable >> actor & 1) == 0)
            {
                continue;
            }

            script.Reset();
            do
            {
                cockpit.Codec.Decode(state, allowances);
                var optional = IsOptional(actor);
                events.Clear();
                Step(actor);
                yield return new(StepKind.Step, actor, script, optional || script.IsOptional);
            }
            while (script.Advance());
        }

        for (var actor = 0; actor < machine.ActorCount && instance.Order != MemoryOrdering.Sc; actor++)
        {
            cockpit.Codec.Decode(state, allowances);
            var count = machine.Words.Committable(actor);
            for (var which = 0; which < count; which++)
            {
                cockpit.Codec.Decode(state, allowances);
                events.Clear();
                machine.Words.Commit(actor, which);
                yield return new(StepKind.Commit, actor, null, false, which);
            }
        }

        for (var vcpu = 0; vcpu < instance.Vcpus; vcpu++)
        {
            cockpit.Codec.Decode(state, allowances);
            if (machine.CanSignal(vcpu))
            {
                events.Clear();
                machine.Signal(vcpu);
                yield return new(StepKind.Signal, vcpu, null, true);
            }
        }
    }

    /// <summary>The least of all the forms a state has under other names. Dear: the search is content with a form that few others
    /// share, but a history has to recognise a state whatever it was called.</summary>
    internal byte[] Least(byte[] state, byte allowances)
    {
        if (cockpit.Symmetry is not { } symmetry)
        {
            return state;
        }

        byte[]? least = null;
        foreach (var (vcpus, frames) in symmetry.Names())
        {
            cockpit.Codec.Decode(state, allowances);
            if (!symmetry.Rename(vcpus, frames))
            {
                continue;
            }

            cockpit.Normalisation.Apply();
            var form = cockpit.Codec.Encode();
            if (least is null || form.SequenceCompareTo(least) < 0)
            {
                least = form.ToArray();
            }
        }

        return least!;
    }

    /// <summary>The state the machine is in, without new names.</summary>
    internal (byte[] State, byte Allowances) Plain()
    {
        cockpit.Normalisation.Apply();
        var plain = cockpit.Codec.Encode().ToArray();
        return (plain, cockpit.Codec.Allowances);
    }

    /// <summary>The same, and its least form.</summary>
    internal (byte[] Plain, byte Allowances, byte[] Least) Forms()
    {
        var (plain, allowances) = Plain();
        return (plain, allowances, Least(plain, allowances));
    }

    /// <summary>A round of re-arming begins if the VMM likes.</summary>
    private bool IsOptional(int actor) => actor == Machine.RearmActor
        && (Machine.Actors[actor].Step == ServiceStep.Wait || (Machine.Actors[actor].Step == ServiceStep.Hostile && !Machine.Actors[actor].InOperation));

    private ulong Runnable()
    {
        ulong runnable = 0;
        for (var actor = 0; actor < Machine.ActorCount; actor++)
        {
            runnable |= Machine.IsRunnable(actor) && (!IsOptional(actor) || (instance.Rearms == 0 && instance.Restores is null) || Machine.CouldPauseNow()) ? 1UL << actor : 0;
        }

        return runnable;
    }

    /// <summary>One step that others can notice, with those before it that they cannot.</summary>
    private void Step(int actor)
    {
        var machine = cockpit.Machine;
        machine.Footprint.Noticed = false;
        microSteps.Clear();
        do
        {
            machine.Step(actor);
            microSteps.Add(script.Position);
        }
        while (instance.Fuses && !machine.Footprint.Noticed && machine.IsRunnable(actor) && !events.IsBroken);
    }

    private void Canonical()
    {
        cockpit.Normalisation.Apply();
        cockpit.Symmetry?.Apply();
    }

    /// <summary>A normal state with other names; null if it cannot be renamed. For the test that renaming is right.</summary>
    internal byte[]? Renamed(ReadOnlySpan<byte> state, int[] vcpuNames, int[] frameNames)
    {
        cockpit.Codec.Decode(state, byte.MaxValue);
        var renaming = new Renaming(Machine);
        if (!Renaming.IsPossible(Machine) || renaming.IsStuck())
        {
            return null;
        }

        renaming.Apply(vcpuNames, frameNames);
        cockpit.Normalisation.Apply();
        return cockpit.Codec.Encode().ToArray();
    }

    /// <summary>A machine armed as the script says. The first one is armed with the first prediction throughout, in every worker.</summary>
    private Cockpit Build(ulong[]? usual = null) => new(encoding, instance, script, events, discipline, usual);

    public void Dispose() => cockpit.Dispose();
}
