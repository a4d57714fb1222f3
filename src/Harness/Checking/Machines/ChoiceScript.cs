using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Enumerates the answers to the choices within one step: a step is run again with the next script until all have been
/// tried.</summary>
internal sealed class ChoiceScript : IChoices
{
    private readonly List<int> answers = [];
    private readonly List<int> arities = [];
    private int position;
    private int loaded;
    private bool isStale;
    private Machine? machine;

    /// <summary>Whether an answer was one the environment need never give.</summary>
    public bool IsOptional { get; private set; }

    /// <summary>How many have been given.</summary>
    public int Position => position;

    /// <summary>Whether the answers loaded were those that were asked for: as many, and each within its bounds. Only then does
    /// a replay do what was recorded.</summary>
    public bool WasFollowed => !isStale && loaded == position;

    /// <summary>The answers of the run in progress.</summary>
    public IReadOnlyList<int> Answers => answers;

    public void Attach(Machine theMachine) => machine = theMachine;

    /// <summary>Before the first script of a step.</summary>
    public void Reset()
    {
        answers.Clear();
        arities.Clear();
        Rewind();
    }

    /// <summary>Answers to give, for a replay.</summary>
    public void Load(IReadOnlyList<int> given)
    {
        Reset();
        answers.AddRange(given);
        loaded = given.Count;
    }

    /// <summary>The next script; false if all have been tried.</summary>
    public bool Advance()
    {
        Rewind();
        while (answers.Count > 0)
        {
            if (++answers[^1] < arities[^1])
            {
                return true;
            }

            answers.RemoveAt(answers.Count - 1);
            arities.RemoveAt(arities.Count - 1);
        }

        return false;
    }

    public int Choose(ChoiceKind kind, ulong key, int n) => kind switch
    {
        ChoiceKind.PrefetchTarget => Missing(Next(CountMissing() + 1)),
        ChoiceKind.RearmTarget => Arrived(Next(CountArrived() + 1)),
        ChoiceKind.Signal or ChoiceKind.ImmediateExit or ChoiceKind.RefusedInjection or ChoiceKind.FailedCopy or ChoiceKind.Careless or ChoiceKind.Repeat
            or ChoiceKind.ReadFrom or ChoiceKind.Hostile => Optional(Next(n)),
        _ => Next(n),
    };

    private void Rewind()
    {
        position = 0;
        isStale = false;
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

        if (position == answers.Count)
        {
            answers.Add(0);
        }

        if (position == arities.Count)
        {
            arities.Add(n);
        }

        if ((uint)answers[position] >= (uint)n)
        {
            isStale = true; // loaded from a file, or for another state
            answers[position] = 0;
        }

        return answers[position++];
    }

    private bool IsMissing(ulong gfn) => machine!.Book.Find(gfn) < 0 && !machine.Book.HasArrived(gfn);

    private int CountMissing() => Count(IsMissing);

    private int CountArrived() => Count(machine!.Book.HasArrived);

    private int Missing(int which) => Select(IsMissing, which);

    private int Arrived(int which) => Select(machine!.Book.HasArrived, which);

    private int Count(Func<ulong, bool> matches)
    {
        var count = 0;
        for (var gfn = 0UL; gfn < (ulong)machine!.Shape.Gfns; gfn++)
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
