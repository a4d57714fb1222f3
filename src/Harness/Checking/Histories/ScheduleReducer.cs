using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>Puts the steps of a history into an order with fewer switches between actors, each step with the answers it
/// had. An order counts only if the machine takes it to the same outcome.</summary>
internal sealed class ScheduleReducer : IDisposable
{
    private const int Replays = 4_000;

    private readonly MachineModel _model;
    private readonly MachineProperty _property;
    private readonly (byte[] State, byte RemainingBudget) _start;
    private readonly IReadOnlyList<ScheduledStep> _steps;
    private readonly EventMask _events;
    private readonly SchedulePlayer _player;
    private readonly MachineWorker _worker;

    private ScheduleReducer(MachineModel model, MachineProperty property, (byte[] State, byte RemainingBudget) start,
        IReadOnlyList<ScheduledStep> steps)
    {
        this._model = model;
        this._property = property;
        this._start = start;
        this._steps = steps;
        _events = new(model.Asked);
        _player = new(model.Encoding, model.Instance, _events);
        _worker = (MachineWorker)model.CreateWorker();
    }

    /// <summary>The steps in their new order, with their old numbers.</summary>
    public static IReadOnlyList<ScheduledStep> Of(MachineModel model, MachineProperty property,
        (byte[] State, byte RemainingBudget) start, IReadOnlyList<ScheduledStep> steps)
    {
        using var reducer = new ScheduleReducer(model, property, start, steps);
        var schedule = steps.Select(s => s.Actor).ToArray();
        return reducer.Reproduces(schedule)
            ? reducer.InOrder(FewestSwitches.Reduce(schedule, reducer.Reproduces, Replays)) : steps;
    }

    public void Dispose()
    {
        _player.Dispose();
        _worker.Dispose();
    }

    /// <summary>Steps of an actor keep their order.</summary>
    private IReadOnlyList<ScheduledStep> InOrder(IReadOnlyList<int> schedule)
    {
        var next = _steps.GroupBy(s => s.Actor).ToDictionary(g => g.Key, g => new Queue<ScheduledStep>(g));
        return [.. schedule.Select(actor => next[actor].Dequeue())];
    }

    private bool Reproduces(IReadOnlyList<int> schedule)
    {
        _player.Restore(_start);
        var shown = false;
        var left = schedule.Count;
        foreach (var step in InOrder(schedule))
        {
            left--;
            if (shown || !TryTake(step) || (_events.IsBroken && left > 0))
            {
                return false; // it would end before its end, or goes nowhere
            }

            shown = Shown;
        }

        return shown || IsBrokenAtRest();
    }

    private bool Shown => (_events.Mask & 1UL << Index) != 0;

    private int Index => _model.IndexOf(_property.Name);

    private bool TryTake(in ScheduledStep step)
    {
        _events.Clear();
        try
        {
            if (_player.WhyNot(step) is not null || !_player.Take(step))
            {
                return false;
            }
        }
        catch (EncodingDefectException)
        {
            return false;
        }

        _player.Normalise();
        return true;
    }

    private bool IsBrokenAtRest()
    {
        if (!_property.IsBrokenAtRest(_player.Machine))
        {
            return false;
        }

        var (state, remainingBudget) = _player.Save();
        return _worker.Steps(state, remainingBudget).All(s => s.IsOptional);
    }
}
