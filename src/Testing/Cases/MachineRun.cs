using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Reduction;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Cases;

/// <summary>Steps the machine through a case, one micro-step at a time.</summary>
internal sealed class MachineRun : IGuestProgram, IDriver, IMachineObserver, IDisposable
{
    private readonly MachineCase _script;
    private readonly ChoiceScript _choices = new();
    private int _answered;
    private int _scheduled;
    private int _turn;

    public MachineRun(Encoding encoding, MachineCase script, RuleSet broken)
    {
        this._script = script;
        _choices.Pick = n => _answered < script.Answers.Count ? script.Answers[_answered++] % n : 0;
        var clock = new StepClock();
        Machine = new(script.Shape(broken), encoding, this, _choices, this, this, clock);
        clock.Horizon = long.MinValue; // every activation is one micro-step
        _choices.Attach(Machine);
    }

    public Machine Machine { get; }

    public List<MachineEvent> Events { get; } = [];

    public ContractBreach? Breach { get; private set; }

    public bool HasEnded => Machine.LiveVcpus == 0;

    /// <summary>A fault is outstanding now.</summary>
    public bool IsFaultOutstanding
    {
        get
        {
            for (var vcpu = 0; vcpu < _script.Vcpus; vcpu++)
            {
                if (Machine.Vcpus[vcpu].Queued > Machine.Vcpus[vcpu].DoneCount)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>One step of the actor that the schedule says.</summary>
    /// <returns>False when no actor can take a step.</returns>
    public bool Step()
    {
        var runnable = 0;
        for (var actor = 0; actor < Machine.ActorCount; actor++)
        {
            runnable += Machine.IsRunnable(actor) ? 1 : 0;
        }

        if (runnable == 0)
        {
            return false;
        }

        var pick = _scheduled < _script.Schedule.Count ? _script.Schedule[_scheduled++] % runnable : -1;
        if (pick < 0)
        {
            do
            {
                _turn = (_turn + 1) % Machine.ActorCount;
            }
            while (!Machine.IsRunnable(_turn));
            Machine.Step(_turn);
            return true;
        }

        var chosen = 0;
        for (; !Machine.IsRunnable(chosen) || pick-- > 0; chosen++)
        {
        }

        Machine.Step(chosen);
        return true;
    }

    /// <summary>Goes on from where another run is.</summary>
    public void ContinueFrom(MachineRun other)
    {
        Machine.Restore(other.Machine.Save());
        (_answered, _scheduled, _turn) = (other._answered, other._scheduled, other._turn);
        Events.Clear();
        Events.AddRange(other.Events);
    }

    public void Dispose() => Machine.Dispose();

    bool IGuestProgram.TryStep(int task, long index, out GuestStep step)
    {
        var exists = index < _script.Programs[task].Count;
        step = exists ? _script.Programs[task][(int)index] : default;
        return exists;
    }

    void IMachineObserver.On(in MachineEvent e)
    {
        Events.Add(e);
        if (e.Kind == MachineEventKind.Violation)
        {
            Breach ??= new(MachineProperty.Of((ViolationKind)e.Value).Name,
                $"vCPU {e.Vcpu}{(e.Gfn == Normalisation.NoFrame ? "" : $", gfn {e.Gfn}")}, "
                    + $"after {Events.Count} events");
        }
    }
}
