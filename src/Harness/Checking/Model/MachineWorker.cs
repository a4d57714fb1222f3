using System.Diagnostics;
using System.Numerics;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Checking.Model;

/// <summary>One thread's machine.</summary>
internal sealed class MachineWorker : IModelWorker
{
    private const int StepsPerAssertion = 61;

    /// <summary>A call that does not end is left after so many.</summary>
    private const int MostStepsOfCall = 10_000;

    private readonly Encoding _encoding;
    private readonly CheckInstance _instance;
    private readonly OwnershipTracker _ownership;
    private readonly Machines.Execution.TokenTrial? _tokens;
    private readonly ChoiceScript _script = new();
    private readonly EventMask _events;

    /// <summary>How many answers had been given after each step of the machine within the step taken last.</summary>
    private readonly List<int> _microSteps = [];
    private SteppedMachine _stepped;

    /// <summary>The state that is expanded; longer than it, mostly.</summary>
    private byte[] _expanded = [];

    /// <summary>In Debug: the state that a step led to, as it was.</summary>
    private byte[] _stepTaken = [];
    private long _steps;

    /// <param name="encoding">What is explored.</param>
    /// <param name="instance">On which machine.</param>
    /// <param name="ownership">What is known of how the encoding guards its words.</param>
    /// <param name="observer">Sees every event.</param>
    /// <param name="tokens">Sees whether the encoding computes with tokens.</param>
    public MachineWorker(Encoding encoding, CheckInstance instance, OwnershipTracker? ownership = null,
        IMachineObserver? observer = null, Machines.Execution.TokenTrial? tokens = null)
    {
        _events = new(MachineProperty.Of(instance), observer);
        this._encoding = encoding;
        this._instance = instance;
        this._ownership = ownership ?? new();
        _tokens = tokens;
        _stepped = Build();
    }

    public Machine Machine => _stepped.Machine;

    /// <summary>The threads of the vCPUs, and their store buffers, where states do not keep the vCPUs' names.</summary>
    public IReadOnlyList<ulong> Interchangeable => _stepped.Symmetry is { RenamesVcpus: true }
        ? [Vcpus, Vcpus << Machine.ActorCount] : [];

    private ulong Vcpus => (1UL << _instance.Vcpus) - 1;

    /// <summary>The step taken last broke a property that must always hold.</summary>
    public bool IsBroken => _events.IsBroken;

    /// <summary>The step taken last, one step of the machine at a time.</summary>
    internal IEnumerable<ScheduledStep> Scheduled(MachineStep step) => step.Kind switch
    {
        StepKind.Commit => [new(StepKind.Commit, step.Actor, [step.Which])],
        StepKind.Signal => [new(StepKind.Signal, step.Actor, [])],
        _ => _microSteps.Select((end, i) =>
            new ScheduledStep(StepKind.Step, step.Actor,
                [.. _script.Answers.Take(end).Skip(i == 0 ? 0 : _microSteps[i - 1])])),
    };

    /// <summary>Every prediction the VMM may arm with is an initial state of its own.</summary>
    public void Initial(ISuccessors successors)
    {
        _script.Reset();
        do
        {
            _stepped.Dispose();
            _stepped = Build(_stepped.Codec.Usual);
            Canonical();
            successors.Add(
                _stepped.Codec.Encode(), new StepInfo(0, 0, RemainingBudget: _stepped.Codec.RemainingBudget));
        }
        while (_script.Advance());
    }

    /// <summary>Initial states under the names the machine gave, one for each prediction the VMM may arm
    /// with.</summary>
    /// <param name="before">Called before each is built.</param>
    internal IEnumerable<(byte[] State, byte RemainingBudget)> InitialStates(Action before)
    {
        _script.Reset();
        do
        {
            _stepped.Dispose();
            before();
            _stepped = Build(_stepped.Codec.Usual);
            yield return Plain();
        }
        while (_script.Advance());
    }

    public void Expand(ReadOnlySpan<byte> state, byte remainingBudget, ISuccessors successors)
    {
        var someoneMust = false;
        if (_expanded.Length < state.Length)
        {
            _expanded = new byte[state.Length * 2];
        }

        state.CopyTo(_expanded);
        foreach (var step in Steps(_expanded, remainingBudget))
        {
            someoneMust |= !step.IsOptional;
            NoteStep();
            _stepped.Normalisation.ApplySince(_stepped.Codec.Kept);
            AssertNormal();
            _stepped.Symmetry?.Apply();
            successors.Add(_stepped.Codec.Encode(),
                new StepInfo(step.Process(Machine), _events.Mask, IsOptional: step.IsOptional,
                RemainingBudget: _stepped.Codec.RemainingBudget));
        }

        if (!someoneMust)
        {
            _stepped.Codec.Decode(state, remainingBudget);
            successors.Observe(_events.AtRest(Machine));
        }
    }

    /// <summary>Takes every step that can be taken in a state, one after the other: after each the machine is in the
    /// state it leads to, not brought into normal form yet.</summary>
    internal IEnumerable<MachineStep> Steps(byte[] state, byte remainingBudget)
    {
        var machine = _stepped.Machine;
        var codec = _stepped.Codec;
        codec.Decode(state, remainingBudget);
        codec.Keep();
        var runnable = Runnable();
        var committing = Committing();
        var signallable = Signallable();
        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            if ((runnable >> actor & 1) == 0)
            {
                continue;
            }

            _script.Reset();
            do
            {
                codec.DecodeKept(state);
                var optional = IsOptional(actor);
                _events.Clear();
                Step(actor);
                yield return new(StepKind.Step, actor, _script, optional || _script.IsOptional);
            }
            while (_script.Advance());
        }

        for (; committing != 0; committing &= committing - 1)
        {
            var actor = BitOperations.TrailingZeroCount(committing);
            codec.DecodeKept(state);
            var count = machine.SharedMemory.Committable(actor);
            for (var which = 0; which < count; which++)
            {
                codec.DecodeKept(state);
                _events.Clear();
                machine.SharedMemory.Commit(actor, which);
                yield return new(StepKind.Commit, actor, null, false, which);
            }
        }

        for (; signallable != 0; signallable &= signallable - 1)
        {
            var vcpu = BitOperations.TrailingZeroCount(signallable);
            codec.DecodeKept(state);
            _events.Clear();
            machine.Signal(vcpu);
            yield return new(StepKind.Signal, vcpu, null, true);
        }
    }

    /// <summary>The least of all the forms a state has under other names. Dear: the search is content with a form that
    /// few others share, but a history has to recognise a state whatever it was called.</summary>
    internal byte[] Least(byte[] state, byte remainingBudget)
    {
        if (_stepped.Symmetry is not { } symmetry)
        {
            return state;
        }

        byte[]? least = null;
        foreach (var (vcpus, frames) in symmetry.Names())
        {
            _stepped.Codec.Decode(state, remainingBudget);
            if (!symmetry.Rename(vcpus, frames))
            {
                continue;
            }

            _stepped.Normalisation.Apply();
            var form = _stepped.Codec.Encode();
            if (least is null || form.SequenceCompareTo(least) < 0)
            {
                least = form.ToArray();
            }
        }

        return least!;
    }

    /// <summary>The state the machine is in, without new names.</summary>
    internal (byte[] State, byte RemainingBudget) Plain()
    {
        _stepped.Normalisation.Apply();
        var plain = _stepped.Codec.Encode().ToArray();
        return (plain, _stepped.Codec.RemainingBudget);
    }

    /// <summary>The same, and its least form.</summary>
    internal (byte[] Plain, byte RemainingBudget, byte[] Least) Forms()
    {
        var (plain, remainingBudget) = Plain();
        return (plain, remainingBudget, Least(plain, remainingBudget));
    }

    /// <summary>A round of re-arming begins if the VMM likes.</summary>
    private bool IsOptional(int actor) => actor == Machine.RearmActor
        && (Machine.Actors[actor].Step == ServiceStep.Wait
            || (Machine.Actors[actor].Step == ServiceStep.Hostile && !Machine.Actors[actor].InOperation));

    private ulong Runnable()
    {
        ulong runnable = 0;
        for (var actor = 0; actor < Machine.ActorCount; actor++)
        {
            runnable |= Machine.IsRunnable(actor)
                && (!IsOptional(actor) || (_instance.Rearms == 0 && _instance.Restores is null)
                || Machine.CouldPauseNow()) ? 1UL << actor : 0;
            if (_instance.InWholeCalls && Machine.IsRunnable(actor) && Machine.IsInKernel(actor))
            {
                return 1UL << actor; // and nobody comes between
            }
        }

        return runnable;
    }

    /// <summary>The actors with a store that others do not see yet.</summary>
    private ulong Committing()
    {
        ulong committing = 0;
        for (var actor = 0; actor < Machine.ActorCount && _instance.Order != MemoryOrdering.Sc; actor++)
        {
            committing |= Machine.SharedMemory.Committable(actor) > 0 ? 1UL << actor : 0;
        }

        return committing;
    }

    private ulong Signallable()
    {
        ulong signallable = 0;
        for (var vcpu = 0; vcpu < _instance.Vcpus; vcpu++)
        {
            signallable |= Machine.CanSignal(vcpu) ? 1UL << vcpu : 0;
        }

        return signallable;
    }

    /// <summary>One step that others can notice, with those before it that they cannot.</summary>
    private void Step(int actor)
    {
        var machine = _stepped.Machine;
        machine.Footprint.IsVisible = false;
        _microSteps.Clear();
        do
        {
            machine.Step(actor);
            _microSteps.Add(_script.Position);
        }
        while (machine.IsRunnable(actor) && !_events.IsBroken && GoesOn(actor));
    }

    private bool GoesOn(int actor) => _instance.InWholeCalls
        ? (Machine.IsInKernel(actor) || Machine.World.StoppedInIoctl) && _microSteps.Count < MostStepsOfCall
        : _instance.CoalescesInvisible && !Machine.Footprint.IsVisible;

    [Conditional("DEBUG")]
    private void NoteStep()
    {
        if (++_steps % StepsPerAssertion == 0)
        {
            _stepTaken = Machine.StateInPlace.ToArray();
        }
    }

    /// <summary>In Debug: what the step left alone was in normal form. Not of every step, or tests would take twice as
    /// long.</summary>
    [Conditional("DEBUG")]
    private void AssertNormal()
    {
        if (_steps % StepsPerAssertion == 0)
        {
            var since = Machine.StateInPlace.ToArray();
            Machine.Restore(_stepTaken);
            _stepped.Normalisation.Apply();
            Debug.Assert(Machine.StateInPlace.SequenceEqual(since));
        }
    }

    private void Canonical()
    {
        _stepped.Normalisation.Apply();
        _stepped.Symmetry?.Apply();
    }

    /// <summary>A normal state with other names; null if it cannot be renamed. For the test that renaming is
    /// right.</summary>
    internal byte[]? Renamed(ReadOnlySpan<byte> state, int[] vcpuNames, int[] frameNames)
    {
        _stepped.Codec.Decode(state, byte.MaxValue);
        var renaming = new Renaming(Machine);
        if (!Renaming.IsPossible(Machine) || renaming.IsStuck())
        {
            return null;
        }

        renaming.Apply(vcpuNames, frameNames);
        _stepped.Normalisation.Apply();
        return _stepped.Codec.Encode().ToArray();
    }

    /// <summary>A machine armed as the script says. The first one is armed with the first prediction throughout, in
    /// every worker.</summary>
    private SteppedMachine Build(ulong[]? usual = null) =>
        new(_encoding, _instance, _script, _events, _instance.CoalescesInvisible ? _ownership : null, usual, _tokens);

    public void Dispose() => _stepped.Dispose();
}
