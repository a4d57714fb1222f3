namespace UapiLab.Harness.Checking.Search;

/// <summary>What a breadth-first search has found of each property, wherever it searches, and what that says in the
/// end.</summary>
/// <param name="model">What is searched.</param>
/// <param name="options">How.</param>
/// <param name="pathTo">The path to a state, and on by an action unless that is negative.</param>
internal sealed class SearchAnswer(IModel model, SearchOptions options, Func<long, int, StatePath> pathTo)
{
    private readonly (long State, int Action)[] _found = new (long, int)[model.Properties.Count];

    private readonly ulong _ends = model.Properties.Bits(p => p.Kind == PropertyKind.Always && !p.LetsSearchGoOn);
    private string? _boundOfCycles;

    /// <summary>What was seen so far, bit i = property i.</summary>
    public ulong Seen { get; private set; }

    /// <summary>A property was broken that ends the search.</summary>
    public bool IsDone => WouldEnd(Seen);

    /// <summary>Whether one of these ends it.</summary>
    public bool WouldEnd(ulong properties) => options.StopAtFirst && (properties & _ends & ~options.Ignored) != 0;

    /// <summary>Where each property was seen first.</summary>
    public IEnumerable<(long State, int Action)> Found => _found.Where((_, i) => (Seen >> i & 1) != 0);

    /// <summary>Takes a finding. The first one of a property counts: they come in the order of parents and
    /// actions.</summary>
    public void Note(ulong properties, long state, int action)
    {
        for (var fresh = properties & ~Seen; fresh != 0; fresh &= fresh - 1)
        {
            _found[System.Numerics.BitOperations.TrailingZeroCount(fresh)] = (state, action);
        }

        Seen |= properties;
    }

    /// <summary>The eventually-properties among some, numbered among themselves.</summary>
    public uint Eventually(ulong properties)
    {
        uint mask = 0;
        var number = 0;
        for (var property = 0; property < model.Properties.Count; property++)
        {
            if (model.Properties[property].Kind == PropertyKind.Eventually)
            {
                mask |= (uint)(properties >> property & 1) << number++;
            }
        }

        return mask;
    }

    /// <summary>The result, once the search has ended.</summary>
    /// <param name="coverage">What it covered.</param>
    /// <param name="edges">The transitions, for fair cycles; null: none are looked for.</param>
    /// <param name="number">The number of a state.</param>
    public SearchResult Close(SearchCoverage coverage, EdgeList? edges, Func<ulong, byte, uint> number)
    {
        uint[]? targets = null;
        var cut = coverage.Bound is not null || IsDone;
        _boundOfCycles = coverage.BoundOfCycles;
        if (!cut && edges is not null)
        {
            _boundOfCycles = FairCycle.Resolve(edges, options.ThreadsNow?.Invoke() ?? options.Threads, number,
                options.Stop, out targets);
        }

        var properties = model.Properties.Select((property, i) => Answer(property, i, edges, targets, cut)).ToArray();
        return new()
        {
            Properties = properties,
            States = coverage.States,
            Transitions = coverage.Transitions,
            Depth = coverage.Depth,
            ExpectedStates = coverage.Bound is null ? null : coverage.ExpectedStates,
            Bound = coverage.Bound ?? (IsDone ? "a property is broken" : _boundOfCycles),
            BytesPerState = coverage.States == 0 ? 0 : (double)coverage.Bytes / coverage.States,
            BytesInFiles = coverage.BytesInFiles,
            CollisionBound = options.Exact ? 0 : options.Hash.Collisions(coverage.States),
        };
    }

    private PropertyResult Answer(PropertySpec property, int position, EdgeList? edges, uint[]? targets, bool cut)
    {
        var shown = (Seen >> position & 1) != 0;
        var (state, action) = _found[position];
        switch (property.Kind)
        {
            case PropertyKind.Always when shown:
                return new(property, PropertyVerdict.Broken, pathTo(state, action));
            case PropertyKind.Sometimes when shown:
                return new(property, PropertyVerdict.Seen, pathTo(state, action));
            case PropertyKind.Eventually when targets is not null && _boundOfCycles is null:
                (var cycle, _boundOfCycles) = FairCycle.Find(edges!, targets, Eventually(1UL << position),
                    model.Interchangeable, options.Stop);
                return cycle is not null ? new(property, PropertyVerdict.Broken, Lasso(cycle))
                    : new(property, _boundOfCycles is null ? PropertyVerdict.Holds : PropertyVerdict.NotDecided, null);
            default:
                return new(property, cut || property.Kind == PropertyKind.Eventually ? PropertyVerdict.NotDecided
                    : property.Kind == PropertyKind.Sometimes ? PropertyVerdict.NeverSeen
                        : PropertyVerdict.Holds, null);
        }
    }

    private StatePath Lasso(IReadOnlyList<(long State, int Action)> cycle)
    {
        var stem = pathTo(cycle[0].State, -1);
        return new(stem.Initial, [.. stem.Actions, .. cycle.Select(c => c.Action)], cycle.Count);
    }
}

/// <summary>How far a search got.</summary>
internal sealed record SearchCoverage
{
    public required long States { get; init; }
    public required long Transitions { get; init; }
    public required int Depth { get; init; }

    /// <summary>What ended it early, a broken property apart.</summary>
    public required string? Bound { get; init; }

    /// <summary>Why fair cycles cannot be looked for.</summary>
    public string? BoundOfCycles { get; init; }

    public required (long Least, long Most)? ExpectedStates { get; init; }

    /// <summary>Of the visited set and the paths.</summary>
    public required long Bytes { get; init; }

    public long BytesInFiles { get; init; }
}
