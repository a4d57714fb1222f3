namespace UapiLab.Harness.Checking;

/// <summary>
/// Depth-first search on one thread: it keeps no parents and no level, so it goes deep at once where a breadth-first search is
/// still filling its first levels. What it finds is not shortest. A path longer than the limit is not followed, and then
/// what was not found is not decided.
/// </summary>
public sealed class DepthFirst : ISuccessors
{
    private const int StatesBetweenBounds = 1 << 12;

    private readonly IModel model;
    private readonly SearchOptions options;
    private readonly int maxDepth;
    private readonly VisitedSet visited = new(numbered: false);
    private readonly StatePath?[] found;
    private readonly List<Frame> path = [];
    private readonly ulong always;
    private List<Successor> pending = [];
    private byte all;
    private bool isInitial = true;
    private bool isCut;
    private long transitions;
    private long pathBytes;
    private ulong seen;
    private int deepest;

    private DepthFirst(IModel model, SearchOptions options)
    {
        this.model = model;
        this.options = options;
        maxDepth = options.DepthFirst;
        found = new StatePath?[model.Properties.Count];
        always = model.Properties.Bits(p => p.Kind == PropertyKind.Always);
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
        all = pending.Aggregate((byte)0, (mask, s) => (byte)(mask | s.Allowances));
        isInitial = false;
        path.Add(new(pending));
        string? bound = null;
        var untilBounds = StatesBetweenBounds;
        while (path.Count > 0 && bound is null && !IsDone)
        {
            var top = path[^1];
            if (++top.At == top.Successors.Count)
            {
                pathBytes -= top.Bytes;
                path.RemoveAt(path.Count - 1);
                continue;
            }

            var next = top.Successors[top.At];
            var fingerprint = Fingerprint.Of(next.State);
            if (visited.Covers(fingerprint, next.Allowances, all))
            {
                continue;
            }

            visited.Add(fingerprint, next.Allowances);
            if (path.Count > maxDepth)
            {
                isCut = true;
                continue;
            }

            pending = [];
            worker.Expand(next.State, next.Allowances, this);
            var frame = new Frame(pending);
            pathBytes += frame.Bytes;
            path.Add(frame);
            deepest = Math.Max(deepest, path.Count - 1);
            if (--untilBounds == 0)
            {
                untilBounds = StatesBetweenBounds;
                bound = visited.Count >= options.MaxStates ? $"states: {options.MaxStates}"
                    : visited.Bytes + pathBytes >= options.MaxBytes ? $"memory: {options.MaxBytes >> 20} MiB"
                    : options.Stop();
                options.Progress?.Invoke(visited.Count, path.Count);
            }
        }

        return Result(IsDone ? "a property is broken" : bound ?? (isCut ? $"depth: {maxDepth}" : null));
    }

    private bool IsDone => options.StopAtFirst && (seen & always & ~options.Ignored) != 0;

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> next, in StepInfo step)
    {
        transitions++;
        Note(step.Observed, pending.Count);
        pending.Add(new(next.ToArray(), step.Allowances));
    }

    /// <inheritdoc/>
    public void Observe(ulong properties) => Note(properties, -1);

    private void Note(ulong properties, int action)
    {
        for (var fresh = properties & ~seen; fresh != 0; fresh &= fresh - 1)
        {
            // Who is on the path stands at the place its successor was taken from; the first frame holds the initial states.
            var actions = path.Skip(1).Select(frame => frame.At).ToList();
            if (action >= 0)
            {
                actions.Add(action);
            }

            found[System.Numerics.BitOperations.TrailingZeroCount(fresh)] = isInitial ? new(action, []) : new(path[0].At, actions);
        }

        seen |= properties;
    }

    private SearchResult Result(string? bound) => new()
    {
        Properties = [.. model.Properties.Select((property, i) => new PropertyResult(property, Verdict(property, i, bound is not null), found[i]))],
        States = visited.Count,
        Transitions = transitions,
        Depth = deepest,
        Bound = bound,
        BytesPerState = visited.Count == 0 ? 0 : (double)visited.Bytes / visited.Count,
        CollisionBound = (double)visited.Count * visited.Count / Math.Pow(2, 65),
    };

    private PropertyVerdict Verdict(PropertySpec property, int position, bool cut) => property.Kind switch
    {
        PropertyKind.Always when found[position] is not null => PropertyVerdict.Broken,
        PropertyKind.Sometimes when found[position] is not null => PropertyVerdict.Seen,
        PropertyKind.Eventually => PropertyVerdict.NotDecided, // needs the cycles
        _ => cut ? PropertyVerdict.NotDecided : property.Kind == PropertyKind.Sometimes ? PropertyVerdict.NeverSeen : PropertyVerdict.Holds,
    };

    private readonly record struct Successor(byte[] State, byte Allowances);

    /// <summary>A state on the path: what it leads to, and which of these the path goes on with.</summary>
    private sealed class Frame(List<Successor> successors)
    {
        public List<Successor> Successors { get; } = successors;
        public long Bytes { get; } = successors.Sum(s => (long)s.State.Length + 40);
        public int At { get; set; } = -1;
    }
}
