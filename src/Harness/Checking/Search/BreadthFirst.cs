namespace UapiLab.Harness.Checking.Search;

/// <summary>
/// Breadth-first search on any number of threads, with the same result on each: a level is cut into batches; the states
/// of a batch are expanded side by side; what they lead to enters the visited set part by part, each part in the order
/// of parents and actions; and the new states are numbered in that order. So a state's parent is always the first that
/// leads to it.
/// </summary>
internal sealed class BreadthFirst
{
    private const int BatchStates = 1 << 14;
    private const int ChunkStates = 1 << 7;

    /// <summary>So far ahead of the candidate that is entered a place is fetched from memory.</summary>
    private const int CandidatesAhead = 12;

    private readonly IModel _model;
    private readonly SearchOptions _options;
    private readonly List<IModelWorker> _workers = [];
    private readonly BlockStore _store = new();
    private readonly VisitedSet _visited;
    private readonly HashSet<StateKey>? _exact;
    private readonly PathLog _paths;
    private readonly MemoryBound _memory;
    private readonly EdgeList? _edges;
    private readonly SearchAnswer _answer;
    private long _transitions;
    private long _initialStates;
    private byte _fullBudget;
    private readonly SizeEstimate _estimate = new();

    private BreadthFirst(IModel model, SearchOptions options)
    {
        this._model = model;
        this._options = options;
        _memory = new(options.MaxBytes);
        _visited = new(options.Liveness);
        _exact = options.Exact ? [] : null;
        _paths = new(_store);
        _edges = options.Liveness ? new(_store) : null;
        _answer = new(model, options, PathTo);
    }

    /// <summary>Searches.</summary>
    public static SearchResult Run(IModel model, SearchOptions options) => new BreadthFirst(model, options).Run();

    private SearchResult Run()
    {
        try
        {
            return Search();
        }
        finally
        {
            foreach (var worker in _workers)
            {
                worker.Dispose();
            }

            _store.Dispose();
        }
    }

    /// <summary>As many as it may use now; at least one.</summary>
    private int HireWorkers()
    {
        var threads = Math.Max(1, _options.ThreadsNow?.Invoke() ?? _options.Threads);
        while (_workers.Count < threads)
        {
            _workers.Add(_model.CreateWorker());
        }

        return threads;
    }

    private SearchResult Search()
    {
        HireWorkers();
        StateList current = new(_store), next = new(_store);
        var initial = new Chunk(this);
        initial.Begin(0);
        _workers[0].Initial(initial);
        byte all = 0;
        foreach (var candidate in initial.Candidates)
        {
            all |= candidate.RemainingBudget;
        }

        _fullBudget = all;
        Merge([initial], current, all, threads: 1, isInitial: true);
        _initialStates = _paths.Count;
        var depth = 0;
        string? bound = null;
        long first = 0;
        var chunks = new List<Chunk>();
        while (current.Count > 0 && bound is null && !IsDone)
        {
            next.Clear();
            for (var start = 0; start < current.Count && bound is null && !IsDone; start += BatchStates)
            {
                var end = Math.Min(current.Count, start + BatchStates);
                var count = (end - start + ChunkStates - 1) / ChunkStates;
                while (chunks.Count < count)
                {
                    chunks.Add(new(this));
                }

                var threads = HireWorkers();
                Expand(threads, current, chunks, start, end, count, first, all);
                Merge(chunks[..count], next, all, threads, isInitial: false);
                bound = BoundHit();
                _options.Progress?.Invoke(_paths.Count, depth);
            }

            first += current.Count;
            (current, next) = (next, current);
            depth++;
            if (bound is null)
            {
                _estimate.Add(current.Count);
            }

            _options.Progress?.Invoke(_paths.Count, depth);
        }

        return _answer.Close(new()
        {
            States = _paths.Count,
            Transitions = _transitions,
            Depth = depth,
            Bound = IsDone ? null : bound,
            ExpectedStates = _estimate.Total,
            Bytes = _visited.Bytes + _paths.Bytes,
            BytesInFiles = _store.BytesInFiles,
        }, _edges, NumberOf);
    }

    /// <summary>Only looked at between batches, so the batch is always whole.</summary>
    private bool IsDone => _answer.IsDone;

    private void Expand(int threads, StateList states, List<Chunk> chunks, int start, int end, int count,
        long first, byte all)
    {
        var nextChunk = -1;
        void Work(IModelWorker worker)
        {
            for (int chunk; (chunk = Interlocked.Increment(ref nextChunk)) < count;)
            {
                var from = start + (chunk * ChunkStates);
                var to = Math.Min(end, from + ChunkStates);
                chunks[chunk].Begin(all);
                for (var i = from; i < to; i++)
                {
                    chunks[chunk].Parent(first + i);
                    worker.Expand(states[i], states.RemainingBudget(i), chunks[chunk]);
                    chunks[chunk].EndParent();
                }
            }
        }

        if (threads == 1)
        {
            Work(_workers[0]);
        }
        else
        {
            try
            {
                Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads },
                    i => Work(_workers[i]));
            }
            catch (AggregateException e)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }
        }
    }

    private void Merge(List<Chunk> chunks, StateList into, byte all, int threads, bool isInitial)
    {
        // Parts have nothing in common: one walk over all of them enters the same as one walk for each.
        var walks = _exact is null ? Math.Min(threads, VisitedSet.Parts) : 1;
        if (walks == 1)
        {
            Enter(chunks, all, 0, 1);
        }
        else
        {
            Parallel.For(0, walks, new ParallelOptions { MaxDegreeOfParallelism = walks },
                walk => Enter(chunks, all, walk, walks));
        }

        foreach (var chunk in chunks)
        {
            _transitions += chunk.Transitions;
            foreach (var (found, parent, action) in chunk.Findings)
            {
                _answer.Note(found, parent, action);
            }

            foreach (ref readonly var candidate in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(
                chunk.Candidates))
            {
                if (candidate.IsNew)
                {
                    _visited.Number(candidate.Fingerprint, candidate.RemainingBudget, (uint)_paths.Count);
                    if (isInitial)
                    {
                        _paths.AddInitial(candidate.Action);
                    }
                    else
                    {
                        _paths.Add(candidate.Parent, candidate.Action);
                    }

                    into.Add(chunk.State(candidate), candidate.RemainingBudget);
                }
            }

            if (!isInitial)
            {
                _edges?.Append(chunk.Edges);
            }
        }
    }

    /// <summary>Enters what is new into the visited set: what belongs to one in so many of its parts.</summary>
    private void Enter(List<Chunk> chunks, byte all, int first, int walks)
    {
        foreach (var chunk in chunks)
        {
            var candidates = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(chunk.Candidates);
            for (var i = 0; i < candidates.Length; i++)
            {
                if (i + CandidatesAhead < candidates.Length)
                {
                    ref readonly var ahead = ref candidates[i + CandidatesAhead];
                    _visited.Prefetch(ahead.Fingerprint, ahead.RemainingBudget);
                }

                ref var candidate = ref candidates[i];
                if (walks == 1 || VisitedSet.PartOf(candidate.Fingerprint) % walks == first)
                {
                    var isExactlyNew = _exact is null || IsNewExactly(chunk, candidate);
                    var isAdded = isExactlyNew
                        && _visited.TryAdd(candidate.Fingerprint, candidate.RemainingBudget, all);
                    candidate.IsNew = _exact is null ? isAdded : isExactlyNew;
                }
            }
        }
    }

    private bool IsNewExactly(Chunk chunk, in Candidate candidate)
    {
        var state = chunk.State(candidate).ToArray();
        var spent = _fullBudget & ~candidate.RemainingBudget;
        for (var more = spent; ; more = (more - 1) & spent)
        {
            if (_exact!.Contains(new(candidate.Fingerprint, (byte)(candidate.RemainingBudget | more), state)))
            {
                return false;
            }

            if (more == 0)
            {
                return _exact.Add(new(candidate.Fingerprint, candidate.RemainingBudget, state));
            }
        }
    }

    private string? BoundHit()
    {
        if (_options.IsVoid?.Invoke(_paths.Count) == true)
        {
            return "void";
        }

        if (_paths.Count >= _options.MaxStates)
        {
            return $"states: {_options.MaxStates}";
        }

        var held = _visited.Bytes + _visited.NumberBytes + _store.BytesInMemory;
        _store.UsesFiles = _options.FilesFrom is { } from ? held > from
            : Math.Max(held, MemoryBound.InMemory()) > _options.MaxBytes / 2;
        return _memory.Hit(held, FairCycle.BytesOf(_edges)) ?? _options.Stop();
    }

    private uint NumberOf(ulong fingerprint, byte remainingBudget) =>
        _visited.Find(fingerprint, remainingBudget, _fullBudget, out var number) ? number : uint.MaxValue;

    private StatePath PathTo(long state, int last) => PathLog.To(state, last, _initialStates, s => _paths[s]);

    private readonly record struct StateKey(ulong Fingerprint, byte RemainingBudget, byte[] State)
    {
        public bool Equals(StateKey other) =>
            Fingerprint == other.Fingerprint && RemainingBudget == other.RemainingBudget
                && State.AsSpan().SequenceEqual(other.State);

        public override int GetHashCode() => (int)Fingerprint;
    }

    /// <summary>What came of some states of a batch. Of the candidates of a state, once all are known, only those
    /// remain that were not in the visited set when its batch began.</summary>
    private sealed class Chunk(BreadthFirst search)
        : Expansion(search._edges is null ? null : search._answer.Eventually, search._options.Hash, search._visited)
    {
        private readonly int[] _localActions = new int[64];
        private byte _all;
        private ulong _enabled, _notLocal, _fresh;
        private int _firstCandidate, _firstByte;

        public void Begin(byte fullBudget)
        {
            _all = fullBudget;
            Clear();
        }

        public override void Parent(long number)
        {
            base.Parent(number);
            _enabled = _notLocal = _fresh = 0;
            _firstCandidate = Candidates.Count;
            _firstByte = Used;
        }

        public override void Add(ReadOnlySpan<byte> next, in StepInfo step)
        {
            _enabled |= 1UL << step.Process;
            _notLocal |= step.IsLocal ? 0 : 1UL << step.Process;
            _localActions[step.Process]++;
            base.Add(next, step);
        }

        public override void EndParent()
        {
            base.EndParent();
            DropKnown();
            // A process all of whose steps are local may stand for all, unless that only leads back to states known
            // before this batch: then something could be put off for ever.
            var ample = _enabled & ~_notLocal & _fresh;
            if (search._options.Reduce && ample != 0 && ample != _enabled)
            {
                var chosen = System.Numerics.BitOperations.TrailingZeroCount(ample);
                var kept = _firstCandidate;
                for (var i = _firstCandidate; i < Candidates.Count; i++)
                {
                    if (Candidates[i].Process == chosen)
                    {
                        Candidates[kept++] = Candidates[i];
                    }
                }

                Candidates.RemoveRange(kept, Candidates.Count - kept);
                DropFindings();
                Transitions -= Actions - _localActions[chosen];
            }

            Array.Clear(_localActions);
        }

        /// <summary>Looks the successors of a state up together: by now their places in the visited set are on their
        /// way from memory.</summary>
        private void DropKnown()
        {
            var candidates = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Candidates);
            var kept = _firstCandidate;
            Used = _firstByte;
            for (var i = _firstCandidate; i < candidates.Length; i++)
            {
                var candidate = candidates[i];
                if (!search._visited.Covers(candidate.Fingerprint, candidate.RemainingBudget, _all))
                {
                    _fresh |= 1UL << candidate.Process;
                }
                else if (search._exact is null)
                {
                    continue;
                }

                candidates[kept++] = MoveToEnd(candidate);
            }

            Candidates.RemoveRange(kept, candidates.Length - kept);
        }
    }
}
