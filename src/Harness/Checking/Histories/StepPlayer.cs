using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>Takes single steps of a machine and says in words what each did.</summary>
internal sealed class StepPlayer : IMachineObserver, IAccessListener, IDisposable
{
    private readonly SchedulePlayer _player;
    private readonly StateFields _fields;
    private readonly List<string> _reported = [];
    private readonly List<string> _reportedInKvm = [];
    private readonly List<string> _happened = [];
    private readonly List<string> _sources = [];
    private readonly ulong _firstGfn;

    /// <summary>Null where the runtime would say one line at one time and another at another.</summary>
    private readonly System.Reflection.Assembly? _code;
    private readonly ISourceLines? _lines;

    /// <param name="model">Whose steps.</param>
    /// <param name="start">State to begin in.</param>
    public StepPlayer(MachineModel model, (byte[] State, byte RemainingBudget) start)
    {
        _firstGfn = model.Instance.FirstGfn; // events come while the machine is made
        _lines = UnoptimisedCopy.LinesOf(model.Encoding);
        var copy = _lines is null ? UnoptimisedCopy.Of(model.Encoding) : null;
        _code = copy is null ? null : UnoptimisedCopy.CodeOf(copy);
        _player = new(copy ?? model.Encoding, model.Instance, this);
        _player.Restore(start);
        Machine.Listener = this;
        _fields = new(Machine);
    }

    public Machine Machine => _player.Machine;

    /// <summary>What kept the machine from the step played last, or from giving it the choices it asked for; null if
    /// nothing did.</summary>
    public string? Refusal { get; private set; }

    /// <summary>What the step played last did within the KVM half.</summary>
    public IReadOnlyList<string> ReportedInKvm => _reportedInKvm;

    /// <summary>The state the machine is in.</summary>
    public (byte[] State, byte RemainingBudget) Save() => _player.Save();

    /// <summary>A step with exactly its own choices.</summary>
    public HistoryStep Play(int number, ScheduledStep step)
    {
        var before = Machine.StateInPlace.ToArray();
        _reported.Clear();
        _reportedInKvm.Clear();
        _happened.Clear();
        _sources.Clear();
        Refusal = _player.WhyNot(step);
        var (text, rule) = Refusal is null ? Words(step) : (Refusal, (Rule?)null);
        if (Refusal is null && !_player.Take(step))
        {
            Refusal = "choices are not those that the step asks for";
        }

        var played = new HistoryStep(number, step, step.Actor, _reported.Count > 0 ? string.Join("; ", _reported)
            : text,
            SourceLine.Joined(_sources), rule?.Id, _fields.Changes(before, Machine.StateInPlace), [.. _happened]);
        _player.Normalise();
        return played;
    }

    public void Dispose() => _player.Dispose();

    public void On(in MachineEvent e)
    {
        // What a property makes of a run is no part of it: a replay need not have the property.
        if (e.Kind != MachineEventKind.PropertyShown)
        {
            _happened.Add(MachineEvents.Describe(e, _firstGfn));
        }
    }

    public void Report(Operation operation, bool inKvm, string what, Exception? thrown = null)
    {
        _reported.Add(what);
        if (inKvm)
        {
            _reportedInKvm.Add(what);
        }

        if ((_lines is not null ? _lines.LineOf(thrown)
            : _code is null ? null
            : thrown is null ? SourceLine.OfCaller(_code) : SourceLine.OfThrower(_code, thrown)) is { } line)
        {
            _sources.Add(line);
        }
    }

    private (string Text, Rule? Rule) Words(ScheduledStep step) => step.Kind switch
    {
        StepKind.Commit => ("a buffered store becomes visible", null),
        StepKind.Signal => ("a signal reaches the thread", Rules.A13Interrupt),
        _ when step.Actor < Machine.Config.Vcpus => StepWords.Of(Machine.Vcpus[step.Actor].Step),
        _ => StepWords.Of(Machine.Actors[step.Actor].Step, MachineLanes.Name(Machine, step.Actor)),
    };
}
