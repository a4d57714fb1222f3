using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Checking.Model;

/// <summary>A machine that is driven one step at a time, and what goes with it.</summary>
internal sealed class SteppedMachine : IDriver, IDisposable
{
    public SteppedMachine(Encoding encoding, CheckInstance instance, ChoiceScript script, IMachineObserver observer,
        OwnershipTracker? ownership, ulong[]? usual = null, Machines.Execution.TokenTrial? tokens = null)
    {
        var clock = new StepClock();
        Machine = new Machine(instance.Config, encoding, new CheckProgram(instance), script, this, observer, clock);
        clock.Horizon = long.MinValue; // every activation is one micro-step
        script.Attach(Machine);
        Machine.Footprint.Ownership = ownership;
        Machine.Tokens = tokens;
        Normalisation = new(Machine);
        Symmetry = instance is { Symmetric: true, Watched.Count: 0, FirstGfn: 0 } ? new(Machine) : null;
        Codec = new(Machine, usual);
    }

    public Machine Machine { get; }

    public Normalisation Normalisation { get; }

    public Symmetry? Symmetry { get; }

    public StateCodec Codec { get; }

    public void Dispose() => Machine.Dispose();
}
