using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Puts the steps of a history into an order with fewer switches between actors, each step with the answers it had. An
/// order counts only if the machine takes it to the same outcome.</summary>
internal sealed class Tidying : IDisposable
{
    private const int Replays = 4_000;

    private readonly MachineModel model;
    private readonly MachineProperty property;
    private readonly (byte[] State, byte Allowances) start;
    private readonly IReadOnlyList<HistoryStep> steps;
    private readonly ChoiceScript script = new();
    private readonly EventMask events;
    private readonly Cockpit cockpit;
    private readonly MachineWorker worker;

    private Tidying(MachineModel model, MachineProperty property, (byte[] State, byte Allowances) start, IReadOnlyList<HistoryStep> steps)
    {
        this.model = model;
        this.property = property;
        this.start = start;
        this.steps = steps;
        events = new(model.Asked);
        cockpit = new(model.Encoding, model.Instance, script, events, null);
        worker = (MachineWorker)model.CreateWorker();
    }

    /// <summary>The steps in their new order, with their old numbers.</summary>
    public static IReadOnlyList<HistoryStep> Of(MachineModel model, MachineProperty property, (byte[] State, byte Allowances) start, IReadOnlyList<HistoryStep> steps)
    {
        using var tidying = new Tidying(model, property, start, steps);
        var schedule = steps.Select(s => s.Actor).ToArray();
        return tidying.Reproduces(schedule) ? tidying.InOrder(FewestSwitches.Reduce(schedule, tidying.Reproduces, Replays)) : steps;
    }

    public void Dispose()
    {
        cockpit.Dispose();
        worker.Dispose();
    }

    /// <summary>Steps of an actor keep their order.</summary>
    private IReadOnlyList<HistoryStep> InOrder(IReadOnlyList<int> schedule)
    {
        var next = steps.GroupBy(s => s.Actor).ToDictionary(g => g.Key, g => new Queue<HistoryStep>(g));
        return [.. schedule.Select(actor => next[actor].Dequeue())];
    }

    private bool Reproduces(IReadOnlyList<int> schedule)
    {
        cockpit.Codec.Decode(start.State, start.Allowances);
        var shown = false;
        var left = schedule.Count;
        foreach (var step in InOrder(schedule))
        {
            left--;
            if (shown || !TryTake(step) || (events.IsBroken && left > 0))
            {
                return false; // it would end before its end, or goes nowhere
            }

            shown = Shown;
        }

        return shown || IsBrokenAtRest();
    }

    private bool Shown => (events.Mask & 1UL << Index) != 0;

    private int Index => model.IndexOf(property.Name);

    private bool TryTake(HistoryStep step)
    {
        var machine = cockpit.Machine;
        events.Clear();
        switch (step.Choices)
        {
            case [Replay.CommitMark, var which]:
                if (which >= machine.Words.Committable(step.Actor))
                {
                    return false;
                }

                machine.Words.Commit(step.Actor, which);
                break;
            case [Replay.SignalMark, _]:
                if (!machine.CanSignal(step.Actor))
                {
                    return false;
                }

                machine.Signal(step.Actor);
                break;
            default:
                if (!machine.IsRunnable(step.Actor) || !Follows(step))
                {
                    return false;
                }

                break;
        }

        cockpit.Normalisation.Apply();
        return true;
    }

    private bool Follows(HistoryStep step)
    {
        script.Load(step.Choices);
        try
        {
            cockpit.Machine.Step(step.Actor);
        }
        catch (EncodingDefectException)
        {
            return false;
        }

        return script.WasFollowed;
    }

    private bool IsBrokenAtRest()
    {
        if (!property.IsBrokenAtRest(cockpit.Machine))
        {
            return false;
        }

        var state = cockpit.Codec.Encode().ToArray();
        return worker.Steps(state, cockpit.Codec.Allowances).All(s => s.IsOptional);
    }
}
