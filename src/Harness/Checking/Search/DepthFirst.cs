namespace UapiLab.Harness.Checking.Search;

/// <summary>
/// Depth-first search on one thread: it keeps no parents and no level, so it goes deep at once where a breadth-first
/// search is still filling its first levels. What it finds is not shortest. A path longer than the limit is not
/// followed, and then what was not found is not decided.
/// </summary>
internal sealed class DepthFirst : ISuccessors
{
    private const int StatesBetweenBounds = 1 << 12;

    private readonly IModel _model;
    private readonly SearchOptions _options;
    private readonly int _maxDepth;
    private readonly VisitedSet _visited = new(numbered: false);
    private readonly MemoryBound _memory;
    private readonly StatePath?[] _found;
    private readonly List<Frame> _path = [];
    private readonly ulong _ends;
    private List<Successor> _pending = [];
    private byte _all;
    private bool _isInitial = true;
    private bool _isCut;
    private long _transitions;
    private long _pathBytes;
    private ulong _seen;
    private int _deepest;

    private DepthFirst(IModel model, SearchOptions options)
    {
        this._model = model;
        this._options = options;
        _memory = new(options.MaxBytes);
        _maxDepth = options.DepthFirst;
        _found = new StatePath?[model.Properties.Count];
        _ends = model.Properties.Bits(p => p.Kind == PropertyKind.Always && !p.LetsSearchGoOn);
    }

    /// <summary>Searches.</summary>
    /// <param name="model">What.</param>
    /// <param name="options">Bounds; threads, liveness and reduction do not apply.</param>
    public static SearchResult Run(IModel model, SearchOptions options)
    {
        using var worker = model.CreateWorker();
        return new DepthFirst(model, options).Search(worker);
    }

    private SearchResult Search(IModelWorker worker)
    {
        worker.Initial(this);
        _all = _pending.Aggregate((byte)0, (mask, s) => (byte)(mask | s.RemainingBudget));
        _isInitial = false;
        _path.Add(new(_pending));
        string? bound = null;
        var untilBounds = StatesBetweenBounds;
        while (_path.Count > 0 && bound is null && !IsDone)
        {
            var top = _path[^1];
            if (++top.At == top.Successors.Count)
            {
                _pathBytes -= top.Bytes;
                _path.RemoveAt(_path.Count - 1);
                continue;
            }

            var next = top.Successors[top.At];
            var fingerprint = _options.Hash.Of(next.State);
            if (!_visited.TryAdd(fingerprint, next.RemainingBudget, _all))
            {
                continue;
            }

            if (_path.Count > _maxDepth)
            {
                _isCut = true;
                continue;
            }

            _pending = [];
            worker.Expand(next.State, next.RemainingBudget, this);
            var frame = new Frame(_pending);
            _pathBytes += frame.Bytes;
            _path.Add(frame);
            _deepest = Math.Max(_deepest, _path.Count - 1);
            if (--untilBounds == 0)
            {
                untilBounds = StatesBetweenBounds;
                bound = _visited.Count >= _options.MaxStates ? $"states: {_options.MaxStates}"
                    : _memory.Hit(_visited.Bytes + _pathBytes, later: 0) ?? _options.Stop();
                _options.Progress?.Invoke(_visited.Count, _path.Count);
            }
        }

        return Result(IsDone ? "a property is broken" : bound ?? (_isCut ? $"depth: {_maxDepth}" : null));
    }

    private bool IsDone => _options.StopAtFirst && (_seen & _ends & ~_options.Ignored) != 0;

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> next, in StepInfo step)
    {
        _transitions++;
        Note(step.Observed, _pending.Count);
        _pending.Add(new(next.ToArray(), step.RemainingBudget));
    }

    /// <inheritdoc/>
    public void Observe(ulong properties) => Note(properties, -1);

    private void Note(ulong properties, int action)
    {
        for (var fresh = properties & ~_seen; fresh != 0; fresh &= fresh - 1)
        {
            // Who is on the path stands at the place its successor was taken from; the first frame holds the initial
            // states.
            var actions = _path.Skip(1).Select(frame => frame.At).ToList();
            if (action >= 0)
            {
                actions.Add(action);
            }

            _found[System.Numerics.BitOperations.TrailingZeroCount(fresh)] = _isInitial ? new(action, [])
                : new(_path[0].At, actions);
        }

        _seen |= properties;
    }

    private SearchResult Result(string? bound) => new()
    {
        Properties =
            [.. _model.Properties.Select(
                (property, i) => new PropertyResult(property, Verdict(property, i, bound is not null), _found[i]))],
        States = _visited.Count,
        Transitions = _transitions,
        Depth = _deepest,
        Bound = bound,
        BytesPerState = _visited.Count == 0 ? 0 : (double)_visited.Bytes / _visited.Count,
        CollisionBound = _options.Hash.Collisions(_visited.Count),
    };

    private PropertyVerdict Verdict(PropertySpec property, int position, bool cut) => property.Kind switch
    {
        PropertyKind.Always when _found[position] is not null => PropertyVerdict.Broken,
        PropertyKind.Sometimes when _found[position] is not null => PropertyVerdict.Seen,
        PropertyKind.Eventually => PropertyVerdict.NotDecided, // needs the cycles
        _ => cut ? PropertyVerdict.NotDecided : property.Kind == PropertyKind.Sometimes ? PropertyVerdict.NeverSeen
            : PropertyVerdict.Holds,
    };

    private readonly record struct Successor(byte[] State, byte RemainingBudget);

    /// <summary>A state on the path: what it leads to, and which of these the path goes on with.</summary>
    private sealed class Frame(List<Successor> successors)
    {
        public List<Successor> Successors { get; } = successors;
        public long Bytes { get; } = successors.Sum(s => (long)s.State.Length + 40);
        public int At { get; set; } = -1;
    }
}
