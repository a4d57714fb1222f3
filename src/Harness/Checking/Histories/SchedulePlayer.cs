using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>A machine of its own that takes the steps of a schedule.</summary>
internal sealed class SchedulePlayer : IDisposable
{
    private readonly ChoiceScript _script = new();
    private readonly SteppedMachine _stepped;

    public SchedulePlayer(Encoding encoding, CheckInstance instance, IMachineObserver observer) =>
        _stepped = new(encoding, instance, _script, observer, null);

    public Machine Machine => _stepped.Machine;

    /// <summary>Puts the machine into a state.</summary>
    public void Restore((byte[] State, byte RemainingBudget) saved) =>
        _stepped.Codec.Decode(saved.State, saved.RemainingBudget);

    /// <summary>The state the machine is in.</summary>
    public (byte[] State, byte RemainingBudget) Save()
    {
        var saved = (_stepped.Codec.Encode().ToArray(), _stepped.Codec.RemainingBudget);
        Restore(saved); // encoding takes the budget out
        return saved;
    }

    /// <summary>Brings the state into normal form, as the search does after each step.</summary>
    public void Normalise() => _stepped.Normalisation.Apply();

    /// <summary>Why the machine cannot take a step; null if it can.</summary>
    public string? WhyNot(in ScheduledStep step)
    {
        var isActor = (uint)step.Actor < (uint)Machine.ActorCount;
        return step.Kind switch
        {
            StepKind.Commit => isActor && step.Choices[0] < Machine.SharedMemory.Committable(step.Actor) ? null
                : "no such store is buffered",
            StepKind.Signal => (uint)step.Actor < (uint)Machine.Config.Vcpus && Machine.CanSignal(step.Actor) ? null
                : "no signal can reach that thread",
            _ => isActor && Machine.IsRunnable(step.Actor) ? null
                : (isActor ? MachineLanes.Name(Machine, step.Actor) : Invariant($"{step.Actor}")) + " can take no step",
        };
    }

    /// <summary>Takes a step that the machine can take.</summary>
    /// <returns>Whether the step's choices were those that it asked for.</returns>
    public bool Take(in ScheduledStep step)
    {
        switch (step.Kind)
        {
            case StepKind.Commit:
                Machine.SharedMemory.Commit(step.Actor, step.Choices[0]);
                return true;
            case StepKind.Signal:
                Machine.Signal(step.Actor);
                return true;
            default:
                _script.Load(step.Choices);
                Machine.Step(step.Actor);
                return _script.WasFollowed;
        }
    }

    public void Dispose() => _stepped.Machine.Dispose();
}
