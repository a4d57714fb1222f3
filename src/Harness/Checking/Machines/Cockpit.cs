using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>A machine that is driven one step at a time, and what goes with it.</summary>
internal sealed class Cockpit : IDriver, IDisposable
{
    public Cockpit(Encoding encoding, CheckInstance instance, ChoiceScript script, IMachineObserver observer, Discipline? discipline, ulong[]? usual = null)
    {
        var pace = new Pace();
        Machine = new Machine(instance.Shape, encoding, new CheckProgram(instance), script, this, observer, pace);
        pace.Horizon = long.MinValue; // every activation is one micro-step
        script.Attach(Machine);
        Machine.Footprint.Discipline = discipline;
        Normalisation = new(Machine);
        Symmetry = instance is { Symmetric: true, Watched.Count: 0 } ? new(Machine) : null;
        Codec = new(Machine, usual);
    }

    public Machine Machine { get; }

    public Normalisation Normalisation { get; }

    public Symmetry? Symmetry { get; }

    public StateCodec Codec { get; }

    public void Dispose() => Machine.Dispose();
}
