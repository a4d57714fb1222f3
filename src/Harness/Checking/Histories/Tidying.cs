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
    private readonly IReadOnlyList<ScheduledStep> steps;
    private readonly EventMask events;
    private readonly SchedulePlayer player;
    private readonly MachineWorker worker;

    private Tidying(MachineModel model, MachineProperty property, (byte[] State, byte Allowances) start, IReadOnlyList<ScheduledStep> steps)
    {
        this.model = model;
        this.property = property;
        this.start = start;
        this.steps = steps;
        events = new(model.Asked);
        player = new(model.Encoding, model.Instance, events);
        worker = (MachineWorker)model.CreateWorker();
    }

    /// <summary>The steps in their new order, with their old numbers.</summary>
    public static IReadOnlyList<ScheduledStep> Of(MachineModel model, MachineProperty property, (byte[] State, byte Allowances) start, IReadOnlyList<ScheduledStep> steps)
    {
        using var tidying = new Tidying(model, property, start, steps);
        var schedule = steps.Select(s => s.Actor).ToArray();
        return tidying.Reproduces(schedule) ? tidying.InOrder(FewestSwitches.Reduce(schedule, tidying.Reproduces, Replays)) : steps;
    }

    public void Dispose()
    {
        player.Dispose();
        worker.Dispose();
    }

    /// <summary>Steps of an actor keep their order.</summary>
    private IReadOnlyList<ScheduledStep> InOrder(IReadOnlyList<int> schedule)
    {
        var next = steps.GroupBy(s => s.Actor).ToDictionary(g => g.Key, g => new Queue<ScheduledStep>(g));
        return [.. schedule.Select(actor => next[actor].Dequeue())];
    }

    private bool Reproduces(IReadOnlyList<int> schedule)
    {
        player.Restore(start);
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

    private bool TryTake(in ScheduledStep step)
    {
        events.Clear();
        try
        {
            if (player.WhyNot(step) is not null || !player.Take(step))
            {
                return false;
            }
        }
        catch (EncodingDefectException)
        {
            return false;
        }

        player.Normalise();
        return true;
    }

    private bool IsBrokenAtRest()
    {
        if (!property.IsBrokenAtRest(player.Machine))
        {
            return false;
        }

        var (state, allowances) = player.Save();
        return worker.Steps(state, allowances).All(s => s.IsOptional);
    }
}
