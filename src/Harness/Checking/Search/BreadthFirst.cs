namespace UapiLab.Harness.Checking;

/// <summary>
/// Breadth-first search on any number of threads, with the same result on each: a level is cut into batches; the states of a
/// batch are expanded side by side; what they lead to enters the visited set part by part, each part in the order of parents
/// and actions; and the new states are numbered in that order. So a state's parent is always the first that leads to it.
/// </summary>
public sealed class BreadthFirst
{
    private const int BatchStates = 1 << 14;
    private const int ChunkStates = 1 << 7;

    private readonly IModel model;
    private readonly SearchOptions options;
    private readonly VisitedSet visited;
    private readonly HashSet<StateKey>? exact;
    private readonly PathLog paths = new();
    private readonly EdgeList? edges;
    private readonly (long State, int Action)[] found;
    private readonly ulong always;
    private long transitions;
    private long initialStates;
    private byte allAllowances;
    private ulong seen;

    private BreadthFirst(IModel model, SearchOptions options)
    {
        this.model = model;
        this.options = options;
        visited = new(options.Liveness);
        exact = options.Exact ? [] : null;
        edges = options.Liveness ? new() : null;
        found = new (long, int)[model.Properties.Count];
        always = model.Properties.Bits(p => p.Kind == PropertyKind.Always);
    }

    /// <summary>Searches.</summary>
    public static SearchResult Run(IModel model, SearchOptions options) => new BreadthFirst(model, options).Run();

    private SearchResult Run()
    {
        var workers = Enumerable.Range(0, options.Threads).Select(_ => model.CreateWorker()).ToArray();
        try
        {
            return Search(workers);
        }
        finally
        {
            foreach (var worker in workers)
            {
                worker.Dispose();
            }
        }
    }

    private SearchResult Search(IModelWorker[] workers)
    {
        StateList current = new(), next = new();
        var initial = new Chunk(this);
        initial.Begin(0);
        workers[0].Initial(initial);
        byte all = 0;
        foreach (var candidate in initial.Candidates)
        {
            all |= candidate.Allowances;
        }

        allAllowances = all;
        Merge([initial], current, all, isInitial: true);
        initialStates = paths.Count;
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

                Expand(workers, current, chunks, start, end, count, first, all);
                Merge(chunks[..count], next, all, isInitial: false);
                bound = BoundHit(current, next);
            }

            first += current.Count;
            (current, next) = (next, current);
            depth++;
            options.Progress?.Invoke(paths.Count, depth);
        }

        return Result(depth, IsDone ? null : bound, IsDone);
    }

    /// <summary>A property was broken that ends the search. Only looked at between batches, so the batch is always whole.</summary>
    private bool IsDone => options.StopAtFirst && (seen & always & ~options.Ignored) != 0;

    private void Expand(IModelWorker[] workers, StateList states, List<Chunk> chunks, int start, int end, int count, long first, byte all)
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
                    worker.Expand(states[i], states.Allowances(i), chunks[chunk]);
                    chunks[chunk].EndParent();
                }
            }
        }

        if (workers.Length == 1)
        {
            Work(workers[0]);
        }
        else
        {
            try
            {
                Parallel.For(0, workers.Length, new ParallelOptions { MaxDegreeOfParallelism = workers.Length }, i => Work(workers[i]));
            }
            catch (AggregateException e)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }
        }
    }

    private void Merge(List<Chunk> chunks, StateList into, byte all, bool isInitial)
    {
        void Enter(Chunk chunk, ref Candidate candidate)
        {
            if (exact is null ? !visited.Covers(candidate.Fingerprint, candidate.Allowances, all) : IsNewExactly(chunk, candidate))
            {
                visited.Add(candidate.Fingerprint, candidate.Allowances);
                candidate.IsNew = true;
            }
        }

        void Part(int part)
        {
            foreach (var chunk in chunks)
            {
                foreach (ref var candidate in chunk.OfPart(part))
                {
                    Enter(chunk, ref candidate);
                }
            }
        }

        if (options.Threads == 1 || exact is not null)
        {
            // Parts have nothing in common: one walk over all of them enters the same as one walk for each.
            foreach (var chunk in chunks)
            {
                foreach (ref var candidate in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(chunk.Candidates))
                {
                    Enter(chunk, ref candidate);
                }
            }
        }
        else
        {
            Parallel.For(0, VisitedSet.Parts, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, Part);
        }

        foreach (var chunk in chunks)
        {
            transitions += chunk.Transitions;
            Findings(chunk);
            foreach (ref readonly var candidate in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(chunk.Candidates))
            {
                if (candidate.IsNew)
                {
                    visited.Number(candidate.Fingerprint, candidate.Allowances, (uint)paths.Count);
                    if (isInitial)
                    {
                        paths.AddInitial(candidate.Action);
                    }
                    else
                    {
                        paths.Add(candidate.Parent, candidate.Action);
                    }

                    into.Add(chunk.State(candidate), candidate.Allowances);
                }
            }

            if (!isInitial)
            {
                edges?.Append(chunk.Edges);
            }
        }
    }

    private bool IsNewExactly(Chunk chunk, in Candidate candidate)
    {
        var state = chunk.State(candidate).ToArray();
        var spent = allAllowances & ~candidate.Allowances;
        for (var more = spent; ; more = (more - 1) & spent)
        {
            if (exact!.Contains(new(candidate.Fingerprint, (byte)(candidate.Allowances | more), state)))
            {
                return false;
            }

            if (more == 0)
            {
                return exact.Add(new(candidate.Fingerprint, candidate.Allowances, state));
            }
        }
    }

    /// <summary>The first finding of each property in the order of parents and actions.</summary>
    private void Findings(Chunk chunk)
    {
        foreach (var (properties, parent, action) in chunk.Findings)
        {
            for (var fresh = properties & ~seen; fresh != 0; fresh &= fresh - 1)
            {
                found[System.Numerics.BitOperations.TrailingZeroCount(fresh)] = (parent, action);
            }

            seen |= properties;
        }
    }

    private string? BoundHit(StateList current, StateList next)
    {
        if (paths.Count >= options.MaxStates)
        {
            return $"states: {options.MaxStates}";
        }

        var bytes = visited.Bytes + paths.Bytes + current.Bytes + next.Bytes + (edges?.Bytes ?? 0);
        return bytes >= options.MaxBytes ? $"memory: {options.MaxBytes >> 20} MiB" : options.Stop();
    }

    private SearchResult Result(int depth, string? bound, bool stopped)
    {
        var targets = bound is null && !stopped && edges is not null ? FairCycle.Resolve(edges, options.Threads, NumberOf) : null;
        var properties = model.Properties.Select((property, i) => Answer(property, i, targets, bound is not null || stopped)).ToArray();
        return new()
        {
            Properties = properties,
            States = paths.Count,
            Transitions = transitions,
            Depth = depth,
            Bound = bound ?? (stopped ? "a property is broken" : null),
            BytesPerState = paths.Count == 0 ? 0 : (double)(visited.Bytes + paths.Bytes) / paths.Count,
            CollisionBound = options.Exact ? 0 : (double)paths.Count * paths.Count / Math.Pow(2, 65),
        };
    }

    private uint NumberOf(ulong fingerprint, byte allowances) =>
        visited.Find(fingerprint, allowances, allAllowances, out var number) ? number : uint.MaxValue;

    /// <summary>The eventually-properties among some, numbered among themselves.</summary>
    private uint Eventually(ulong properties)
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

    private PropertyResult Answer(PropertySpec property, int position, uint[]? targets, bool cut)
    {
        var shown = (seen >> position & 1) != 0;
        switch (property.Kind)
        {
            case PropertyKind.Always when shown:
                return new(property, PropertyVerdict.Broken, PathTo(found[position]));
            case PropertyKind.Sometimes when shown:
                return new(property, PropertyVerdict.Seen, PathTo(found[position]));
            case PropertyKind.Eventually when targets is not null:
                var cycle = FairCycle.Find(edges!, targets, Eventually(1UL << position));
                return cycle is null ? new(property, PropertyVerdict.Holds, null) : new(property, PropertyVerdict.Broken, Lasso(cycle));
            default:
                return new(property, cut || property.Kind == PropertyKind.Eventually ? PropertyVerdict.NotDecided
                    : property.Kind == PropertyKind.Sometimes ? PropertyVerdict.NeverSeen : PropertyVerdict.Holds, null);
        }
    }

    private StatePath PathTo((long State, int Action) finding)
    {
        var actions = new List<int>();
        if (finding.Action >= 0)
        {
            actions.Add(finding.Action);
        }

        var state = finding.State;
        while (true)
        {
            var (parent, action) = paths[state];
            if (state < initialStates)
            {
                actions.Reverse();
                return new(action, actions);
            }

            actions.Add(action);
            state = parent;
        }
    }

    private StatePath Lasso(IReadOnlyList<(long State, int Action)> cycle)
    {
        var stem = PathTo((cycle[0].State, -1));
        return new(stem.Initial, [.. stem.Actions, .. cycle.Select(c => c.Action)], cycle.Count);
    }

    /// <summary>A successor: once all of its parent are known, only those that were not in the visited set when its batch began.</summary>
    private record struct Candidate(ulong Fingerprint, long Parent, int Action, int Offset, int Length, byte Allowances, byte Process, bool IsNew);

    private readonly record struct StateKey(ulong Fingerprint, byte Allowances, byte[] State)
    {
        public bool Equals(StateKey other) => Fingerprint == other.Fingerprint && Allowances == other.Allowances && State.AsSpan().SequenceEqual(other.State);

        public override int GetHashCode() => (int)Fingerprint;
    }

    /// <summary>What came of some states of a batch.</summary>
    private sealed class Chunk(BreadthFirst search) : ISuccessors
    {
        private byte[] states = new byte[1 << 16];
        private int used;
        private long parent;
        private int action;
        private byte all;
        private ulong enabled, notLocal, fresh;
        private int firstCandidate, firstByte;

        public List<Candidate> Candidates { get; } = [];
        public List<(ulong Properties, long Parent, int Action)> Findings { get; } = [];
        public EdgeList.Builder Edges { get; } = new();
        public long Transitions { get; private set; }

        public void Begin(byte allAllowances)
        {
            all = allAllowances;
            used = 0;
            Transitions = 0;
            Candidates.Clear();
            Findings.Clear();
            Edges.Clear();
        }

        public void Parent(long number)
        {
            parent = number;
            action = 0;
            enabled = notLocal = fresh = 0;
            firstCandidate = Candidates.Count;
            firstByte = used;
        }

        public void EndParent()
        {
            Edges.EndState();
            DropKnown();
            // A process all of whose steps are local may stand for all, unless that only leads back to states known before
            // this batch: then something could be put off for ever.
            var ample = enabled & ~notLocal & fresh;
            if (search.options.Reduce && ample != 0 && ample != enabled)
            {
                var chosen = System.Numerics.BitOperations.TrailingZeroCount(ample);
                var kept = firstCandidate;
                for (var i = firstCandidate; i < Candidates.Count; i++)
                {
                    if (Candidates[i].Process == chosen)
                    {
                        Candidates[kept++] = Candidates[i];
                    }
                }

                Candidates.RemoveRange(kept, Candidates.Count - kept);
                Findings.RemoveAll(f => f.Parent == parent && f.Action >= 0);
                Transitions -= action - localActions[chosen];
            }

            Array.Clear(localActions);
        }

        private readonly int[] localActions = new int[64];

        /// <summary>Looks the successors of a state up together: by now their places in the visited set are on their way from memory.</summary>
        private void DropKnown()
        {
            var candidates = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Candidates);
            var kept = firstCandidate;
            used = firstByte;
            for (var i = firstCandidate; i < candidates.Length; i++)
            {
                var candidate = candidates[i];
                if (!search.visited.Covers(candidate.Fingerprint, candidate.Allowances, all))
                {
                    fresh |= 1UL << candidate.Process;
                }
                else if (search.exact is null)
                {
                    continue;
                }

                if (candidate.Offset != used)
                {
                    State(candidate).CopyTo(states.AsSpan(used));
                    candidate.Offset = used;
                }

                candidates[kept++] = candidate;
                used += candidate.Length;
            }

            Candidates.RemoveRange(kept, candidates.Length - kept);
        }

        public ReadOnlySpan<byte> State(in Candidate candidate) => states.AsSpan(candidate.Offset, candidate.Length);

        public void Add(ReadOnlySpan<byte> next, in StepInfo step)
        {
            Transitions++;
            enabled |= 1UL << step.Process;
            notLocal |= step.IsLocal ? 0 : 1UL << step.Process;
            localActions[step.Process]++;
            var fingerprint = Fingerprint.Of(next);
            if (step.Observed != 0)
            {
                Findings.Add((step.Observed, parent, action));
            }

            if (search.edges is not null)
            {
                Edges.Add(fingerprint, step, action, search.Eventually(step.Observed));
            }

            search.visited.Prefetch(fingerprint, step.Allowances);
            if (used + next.Length > states.Length)
            {
                Array.Resize(ref states, Math.Max(states.Length * 2, used + next.Length));
            }

            next.CopyTo(states.AsSpan(used));
            Candidates.Add(new(fingerprint, parent, action, used, next.Length, step.Allowances, (byte)step.Process, false));
            used += next.Length;
            action++;
        }

        public void Observe(ulong properties) => Findings.Add((properties, parent, -1));

        public PartEnumerator OfPart(int part) => new(Candidates, part);
    }

    /// <summary>The candidates of one part of the visited set, in place.</summary>
    private ref struct PartEnumerator(List<Candidate> candidates, int part)
    {
        private readonly Span<Candidate> all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(candidates);
        private int index = -1;

        public readonly ref Candidate Current => ref all[index];

        public readonly PartEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            while (++index < all.Length)
            {
                if (VisitedSet.PartOf(all[index].Fingerprint) == part)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
