using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking.Model;

/// <summary>Enumerates the answers to the choices within one step: a step is run again with the next script until all
/// have been tried.</summary>
internal sealed class ChoiceScript : IChoices
{
    private readonly List<int> _answers = [];
    private readonly List<int> _arities = [];
    private int _position;
    private int _loaded;
    private bool _isStale;
    private readonly Func<ulong, bool> _isMissing, _isWithoutContent;
    private Func<ulong, bool> _mayBeRearmed = _ => false;
    private Machine? _machine;

    public ChoiceScript() => (_isMissing, _isWithoutContent) = (IsMissing, IsWithoutContent);

    /// <summary>Whether an answer was one the environment need never give.</summary>
    public bool IsOptional { get; private set; }

    /// <summary>How many have been given.</summary>
    public int Position => _position;

    /// <summary>Whether the answers loaded were those that were asked for: as many, and each within its bounds. Only
    /// then does a replay do what was recorded.</summary>
    public bool WasFollowed => !_isStale && _loaded == _position;

    /// <summary>The answers of the run in progress.</summary>
    public IReadOnlyList<int> Answers => _answers;

    public void Attach(Machine theMachine) =>
        (_machine, _mayBeRearmed) = (theMachine, theMachine.Vmm.MayBeRearmed);

    /// <summary>Before the first script of a step.</summary>
    public void Reset()
    {
        _answers.Clear();
        _arities.Clear();
        Rewind();
    }

    /// <summary>Answers to give, for a replay.</summary>
    public void Load(IReadOnlyList<int> given)
    {
        Reset();
        _answers.AddRange(given);
        _loaded = given.Count;
    }

    /// <summary>The next script; false if all have been tried.</summary>
    public bool Advance()
    {
        Rewind();
        while (_answers.Count > 0)
        {
            if (++_answers[^1] < _arities[^1])
            {
                return true;
            }

            _answers.RemoveAt(_answers.Count - 1);
            _arities.RemoveAt(_arities.Count - 1);
        }

        return false;
    }

    public int Choose(ChoiceKind kind, ulong key, int n) => kind switch
    {
        ChoiceKind.PrefetchTarget => Missing(Next(CountMissing() + 1)),
        ChoiceKind.RearmTarget => Select(_mayBeRearmed, Next(Count(_mayBeRearmed) + 1)),
        ChoiceKind.KvmWrite => Select(_isWithoutContent, Optional(Next(Count(_isWithoutContent) + 1))),
        ChoiceKind.Signal or ChoiceKind.ImmediateExit or ChoiceKind.RefusedInjection or ChoiceKind.FailedCopy
            or ChoiceKind.Careless or ChoiceKind.Repeat or ChoiceKind.Reset
            or ChoiceKind.DropEvent or ChoiceKind.Prefault
            or ChoiceKind.ReadFrom or ChoiceKind.Hostile => Optional(Next(n)),
        _ => Next(n),
    };

    private void Rewind()
    {
        _position = 0;
        _isStale = false;
        IsOptional = false;
    }

    private int Optional(int answer)
    {
        IsOptional |= answer != 0;
        return answer;
    }

    /// <summary>Answers in place of the script, for walks.</summary>
    public Func<int, int>? Pick { get; set; }

    private int Next(int n)
    {
        if (Pick is { } pick)
        {
            return pick(n);
        }

        if (_position == _answers.Count)
        {
            _answers.Add(0);
        }

        if (_position == _arities.Count)
        {
            _arities.Add(n);
        }

        if ((uint)_answers[_position] >= (uint)n)
        {
            _isStale = true; // loaded from a file, or for another state
            _answers[_position] = 0;
        }

        return _answers[_position++];
    }

    private bool IsMissing(ulong gfn) => _machine!.FetchTable.Find(gfn) < 0 && !_machine.FetchTable.HasArrived(gfn);

    private bool IsWithoutContent(ulong gfn) => !_machine!.Memory.HasContent(gfn) && !_machine.Memory.IsFilled(gfn);

    private int CountMissing() => Count(_isMissing);

    private int Missing(int which) => Select(_isMissing, which);

    private int Count(Func<ulong, bool> matches)
    {
        var count = 0;
        for (var gfn = 0UL; gfn < (ulong)_machine!.Config.Gfns; gfn++)
        {
            count += matches(gfn) ? 1 : 0;
        }

        return count;
    }

    /// <summary>0 = none; else the frame with this number among those that match, plus one.</summary>
    private int Select(Func<ulong, bool> matches, int which)
    {
        if (which == 0)
        {
            return 0;
        }

        for (var gfn = 0UL; ; gfn++)
        {
            if (matches(gfn) && --which == 0)
            {
                return (int)gfn + 1;
            }
        }
    }
}
