namespace UapiLab.Harness.Checking.Mistakes;

/// <summary>
/// What a wrapper remembers within one call of an operation. A stopped call is run again from the top, and of a loop
/// with a checkpoint only the last round; so each round has to begin with what the first began with (docs/contract.md,
/// "stopping").
/// </summary>
internal sealed class RoundMemory<TKey, TValue>
    where TKey : notnull
{
    private readonly List<(int Label, Dictionary<TKey, TValue> AtHead)> _loops = [];
    private Dictionary<TKey, TValue> _now = [];

    /// <summary>What is kept under a key; the default of its type if nothing is.</summary>
    public TValue? this[TKey key]
    {
        get => _now.GetValueOrDefault(key);
        set => _now[key] = value!;
    }

    /// <summary>Loops entered so far, but for those that a later round of an outer one forgot.</summary>
    public int Loops => _loops.Count;

    /// <summary>The head of a loop.</summary>
    /// <returns>False in the first round.</returns>
    public bool IsLaterRound(int label)
    {
        var loop = _loops.FindLastIndex(l => l.Label == label);
        if (loop < 0)
        {
            _loops.Add((label, new(_now)));
            return false;
        }

        _now = new(_loops[loop].AtHead);
        _loops.RemoveRange(loop + 1, Loops - loop - 1);
        return true;
    }
}
