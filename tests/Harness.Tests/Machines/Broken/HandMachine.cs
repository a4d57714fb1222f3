using UapiLab.Abstractions;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using Xunit;

namespace UapiLab.Harness.Tests.Machines.Broken;

/// <summary>A small machine stepped by hand: one access or rule at a time, by whoever the test says. Every fault is
/// handed off, and a fetch is complete as soon as it is issued.</summary>
internal sealed class HandMachine : IGuestProgram, IChoices, IDriver, IMachineObserver, IDisposable
{
    private const int StepsOfAStuckTest = 20_000;

    private readonly GuestStep[][] _programs;
    private readonly StepClock _clock = new();

    /// <param name="encoding">The encoding.</param>
    /// <param name="broken">Rules the machine does not keep.</param>
    /// <param name="vcpus">vCPUs; the tasks are dealt out evenly, in order.</param>
    /// <param name="programs">One for each task.</param>
    public HandMachine(Encoding encoding, RuleSet broken, int vcpus, params GuestStep[][] programs)
        : this(encoding, new()
        {
            Vcpus = vcpus,
            TasksPerVcpu = programs.Length / vcpus,
            Gfns = 4,
            ApfLimit = 2,
            InstantDevice = true,
            Broken = broken,
            Policy = new(PolicyKind.ReenterThenResolve),
            Environment = new() { Signals = 1 },
        }, programs)
    {
    }

    private HandMachine(Encoding encoding, MachineConfig config, GuestStep[][] programs)
    {
        this._programs = programs;
        Machine = new Machine(config, encoding, this, this, this, this, _clock);
        _clock.Horizon = long.MinValue;
    }

    public Machine Machine { get; }

    /// <summary>Stock KVM, with APFs of its own where a look-up sleeps: one vCPU.</summary>
    public static HandMachine Over(Backing backing, params GuestStep[][] programs) => new(new StockKvm(), new()
    {
        Vcpus = 1,
        TasksPerVcpu = programs.Length,
        Gfns = 4,
        Backing = backing,
        KernelApf = backing == Backing.Userfaultfd,
        InstantDevice = true,
    }, programs);

    /// <summary>As an instance of the checker has it.</summary>
    public static HandMachine Of(Encoding encoding, MachineConfig config) => new(encoding, config, [[]]);

    /// <summary>The first of the I/O threads, by its number among the actors.</summary>
    public int Io => Machine.Config.Vcpus;

    public List<ViolationKind> Violations { get; } = [];

    /// <summary>Whether the environment sends a signal now.</summary>
    public Func<bool> SendsSignal { get; set; } = () => false;

    /// <summary>Whether every task has ended.</summary>
    public bool HasEnded => Machine.LiveVcpus == 0;

    /// <summary>Touches a frame in user mode.</summary>
    public static GuestStep Touch(ulong gfn) => new(0, gfn, GuestStepFlags.Write);

    /// <summary>Steps one actor until something is so.</summary>
    public void Until(int actor, Func<bool> condition)
    {
        for (var steps = 0; !condition(); steps++)
        {
            Assert.True(Machine.IsRunnable(actor)
                && steps < StepsOfAStuckTest, $"actor {actor} never gets there: {Machine.Blocked(actor)}");
            Machine.Step(actor);
        }
    }

    /// <summary>Steps a vCPU thread until it is about to take a step of this kind.</summary>
    public void Until(int vcpu, VcpuStep step) => Until(vcpu, () => Machine.StepOf(vcpu) == step);

    /// <summary>Steps one actor until it blocks, or this often.</summary>
    public void Run(int actor, int steps = StepsOfAStuckTest)
    {
        for (var i = 0; i < steps && Machine.IsRunnable(actor); i++)
        {
            Machine.Step(actor);
        }
    }

    /// <summary>Everybody in turn, until nobody can step or it is clear that this will not happen.</summary>
    public void RunAll()
    {
        for (var round = 0; round < StepsOfAStuckTest; round++)
        {
            var moved = false;
            for (var actor = 0; actor < Machine.ActorCount; actor++)
            {
                if (Machine.IsRunnable(actor))
                {
                    moved = true;
                    Machine.Step(actor);
                }
            }

            if (!moved)
            {
                return;
            }
        }
    }

    public bool TryStep(int task, long index, out GuestStep step)
    {
        var has = index < _programs[task].Length;
        step = has ? _programs[task][index] : default;
        return has;
    }

    public int Choose(ChoiceKind kind, ulong key, int n) => kind switch
    {
        ChoiceKind.Disposition => (int)Disposition.Async,
        ChoiceKind.Signal => SendsSignal() ? 1 : 0,
        _ => 0,
    };

    public void On(in MachineEvent e)
    {
        if (e.Kind == MachineEventKind.Violation)
        {
            Violations.Add((ViolationKind)e.Value);
        }
    }

    public void Dispose() => Machine.Dispose();
}
