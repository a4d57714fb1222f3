namespace UapiLab.Harness.Machines.Execution;

/// <summary>
/// What the ioctl in progress has changed by itself and has not taken back: writes that cancel out are none. The list
/// is made anew whenever the call is run again against its record, so that it is no part of the state; what the record
/// does not tell is kept as one bit, <see cref="ActorState.ChangedBlindly"/>.
/// </summary>
internal sealed class OwnChanges
{
    private const string Queues = "queues an APF";

    private readonly List<Change> _made = [];
    private readonly List<(RegionStore Store, ulong Index, ulong Value)> _known = [];

    /// <summary>How many there are, counting those that cancel out.</summary>
    public int Count => _made.Count;

    public void Clear()
    {
        _made.Clear();
        _known.Clear();
    }

    /// <summary>Forgets those from this one on: the record of their round of a loop is dropped.</summary>
    public void Forget(int from) => _made.RemoveRange(from, _made.Count - from);

    /// <summary>The call has learned what a word holds.</summary>
    public void Saw(RegionStore store, ulong index, ulong value)
    {
        if (Known(store, index) is >= 0 and var at)
        {
            _known[at] = (store, index, value);
        }
        else
        {
            _known.Add((store, index, value));
        }
    }

    /// <summary>Whether the call has learned what a word holds.</summary>
    public bool Knows(RegionStore store, ulong index) => Known(store, index) >= 0;

    /// <summary>A store. Of a word that the call does not know nothing can be said.</summary>
    public void Stored(RegionStore store, ulong index, ulong value) =>
        Wrote(store, index, Known(store, index) is >= 0 and var at ? _known[at].Value : value, value);

    /// <summary>A read-modify-write. What others do to the word between two of them is theirs.</summary>
    public void Modified(RegionStore store, ulong index, ulong old, AtomicOp change) =>
        Wrote(store, index, old, change.Of(old) & store.Mask,
            change.How == AtomicOpKind.Add ? change.Operand & store.Mask : null);

    public void SetUp(uint token) => Make(new(Queues, Of: token, Flips: 1));

    /// <summary>The call's own APF, or another's.</summary>
    public void Cancelled(uint token) => Make(
        new(_made.Exists(c => c.What == Queues && c.Of == token) ? Queues : "withdraws an APF", Of: token, Flips: 1));

    /// <summary>What cannot be taken back.</summary>
    public void Did(string what) => Make(new(what, Of: (ulong)_made.Count, Flips: 1));

    /// <summary>The first that is left, in words; null if none is.</summary>
    /// <param name="from">Only of those from this one on.</param>
    public string? FirstLeft(int from = 0)
    {
        for (var i = from; i < _made.Count; i++)
        {
            if (IsLeft(_made[i], from))
            {
                return _made[i].ToString();
            }
        }

        return null;
    }

    private void Wrote(RegionStore store, ulong index, ulong old, ulong value, ulong? adds = null)
    {
        Saw(store, index, value);
        if (old != value)
        {
            Make(new("changes", store, index, old ^ value, adds));
        }
    }

    private int Known(RegionStore store, ulong index)
    {
        var at = _known.Count - 1;
        while (at >= 0 && (_known[at].Store != store || _known[at].Index != index))
        {
            at--;
        }

        return at;
    }

    private void Make(Change change) => _made.Add(change);

    private bool IsLeft(Change change, int from)
    {
        var flips = 0UL;
        ulong? adds = 0UL;
        for (var i = from; i < _made.Count; i++)
        {
            if (_made[i].IsOfSame(change))
            {
                flips ^= _made[i].Flips;
                adds += _made[i].Adds;
            }
        }

        return flips != 0 && (adds is not { } sum || (sum & (change.Store?.Mask ?? 0)) != 0);
    }

    /// <param name="What">In words.</param>
    /// <param name="Store">Region of the word, if it is one.</param>
    /// <param name="Of">Index of the word, or which APF.</param>
    /// <param name="Flips">The bits that it turns.</param>
    /// <param name="Adds">What it adds; null if it is no addition.</param>
    private readonly record struct Change(
        string What, RegionStore? Store = null, ulong Of = 0, ulong Flips = 0, ulong? Adds = null)
    {
        public bool IsOfSame(Change other) => What == other.What && Store == other.Store && Of == other.Of;

        public override string ToString() =>
            Store is null ? What : Invariant($"{What} {Store.Name}[{Store.First + Of}]");
    }
}
