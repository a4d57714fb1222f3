using System.Globalization;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Takes single steps of a machine and says in words what each did.</summary>
internal sealed class StepPlayer : IMachineObserver, IAccessListener, IDisposable
{
    private readonly ChoiceScript script = new();
    private readonly Cockpit cockpit;
    private readonly StateFields fields;
    private readonly List<string> told = [];
    private readonly List<string> toldInKvm = [];
    private readonly List<string> happened = [];
    private readonly List<string> sources = [];

    /// <summary>Null where the runtime would say one line at one time and another at another.</summary>
    private readonly System.Reflection.Assembly? code;

    /// <param name="model">Whose steps.</param>
    /// <param name="start">State to begin in.</param>
    /// <param name="isHeard">Whether accesses of the encoding are told in words; otherwise only the machine's own steps are.</param>
    public StepPlayer(MachineModel model, (byte[] State, byte Allowances) start, bool isHeard = true)
    {
        var copy = isHeard ? UnoptimisedCopy.Of(model.Encoding) : null;
        code = copy?.GetType().Assembly;
        cockpit = new(copy ?? model.Encoding, model.Instance, script, this, null);
        cockpit.Codec.Decode(start.State, start.Allowances);
        cockpit.Machine.Listener = isHeard ? this : null;
        fields = new(cockpit.Machine);
    }

    public Machine Machine => cockpit.Machine;

    /// <summary>Whether the step played last was given the answers it asked for, and no others.</summary>
    public bool WasFollowed => script.WasFollowed;

    public void Dispose() => cockpit.Dispose();

    /// <summary>The state the machine is in.</summary>
    public (byte[] State, byte Allowances) Save()
    {
        var state = cockpit.Codec.Encode().ToArray();
        var allowances = cockpit.Codec.Allowances;
        cockpit.Codec.Decode(state, allowances); // encoding takes the allowances out
        return (state, allowances);
    }

    /// <summary>A step with exactly its own answers.</summary>
    public HistoryStep Play(int number, int actor, IReadOnlyList<int> choices)
    {
        script.Load(choices is [Replay.CommitMark, _] or [Replay.SignalMark, _] ? [] : choices);
        return Take(number, actor, choices);
    }

    /// <summary>One of several steps that share a list of answers.</summary>
    public HistoryStep PlayPart(int number, int actor, IReadOnlyList<int> answers, bool isFirst)
    {
        if (isFirst)
        {
            script.Load(answers);
        }

        return Take(number, actor, null);
    }

    private HistoryStep Take(int number, int actor, IReadOnlyList<int>? choices)
    {
        var machine = cockpit.Machine;
        var before = machine.StateInPlace.ToArray();
        var answered = script.Position;
        told.Clear();
        toldInKvm.Clear();
        happened.Clear();
        sources.Clear();
        (string Text, string? Rule) words;
        if (choices is [Replay.CommitMark, var which])
        {
            words = ("a buffered store becomes visible", null);
            machine.Words.Commit(actor, which);
        }
        else if (choices is [Replay.SignalMark, _])
        {
            words = ("a signal reaches the thread", "A13");
            machine.Signal(actor);
        }
        else
        {
            words = actor < machine.Shape.Vcpus
                ? StepWords.Of(machine.Vcpus[actor].Step)
                : StepWords.Of(machine.Actors[actor].Step, MachineLanes.Name(machine, actor));
            machine.Step(actor);
            choices ??= [.. script.Answers.Skip(answered).Take(script.Position - answered)];
        }

        var step = new HistoryStep(number, actor, choices, actor, told.Count > 0 ? string.Join("; ", told) : words.Text, SourceLine.Joined(sources), words.Rule,
            fields.Changes(before, machine.StateInPlace), [.. happened]);
        cockpit.Normalisation.Apply();
        return step;
    }

    public void On(in MachineEvent e)
    {
        // What a property makes of a run is no part of it: whoever replays a history need not have the property.
        if (e.Kind != MachineEventKind.PropertyShown)
        {
            happened.Add(EventWords.Of(e));
        }
    }

    /// <summary>What the step played last did within the KVM half.</summary>
    public IReadOnlyList<string> ToldInKvm => toldInKvm;

    public void Tell(Operation operation, bool inKvm, string what, Exception? thrown = null)
    {
        told.Add(what);
        if (inKvm)
        {
            toldInKvm.Add(what);
        }

        if (code is not null && (thrown is null ? SourceLine.OfCaller(code) : SourceLine.OfThrower(code, thrown)) is { } line)
        {
            sources.Add(line);
        }
    }
}
