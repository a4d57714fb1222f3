using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;

namespace UapiLab.Cluster;

/// <summary>
/// What one silo expands: of each level a slice of states with consecutive numbers, in the order of one machine. What
/// its states lead to stays here until it is known to be new; only <see cref="Keys"/> of it travel. So the new states
/// of a silo have consecutive numbers too, and slices of the next level are nearly the same as where its states were
/// found: few of them move.
/// </summary>
internal sealed class Share : IDisposable
{
    /// <summary>As on one machine, which ends a search only between batches: here counts are kept by them.</summary>
    public const int BatchStates = 1 << 14;

    private const int ChunkStates = 1 << 7;
    private const int MessageBytes = 1 << 22;
    private const int SentKeys = 1 << 20;

    private readonly IModelWorker[] _workers;
    private readonly MemoryBound _memory;
    private readonly int _silos;
    private readonly StateHash _hash;
    private readonly SearchAnswer? _edges;
    private readonly List<Expansion> _chunks = [];
    private readonly BlockStore _store = new();
    private readonly PathLog _paths;

    /// <summary>Keys that were sent: a later candidate that has one of them is not new. A place is taken by the last
    /// one.</summary>
    private readonly ulong[] _sent = new ulong[SentKeys];

    private readonly StateList _before, _after, _kept;
    private readonly BigList<Found> _found;
    private StateList _born, _next;
    private readonly BigList<ulong> _bornPrints;
    private Slice _slice = new(-1, 0, 0, 0, []);
    private int _bornFrom, _bornCount;

    /// <param name="model">What is searched.</param>
    /// <param name="silos">How many there are.</param>
    /// <param name="threads">That expand states.</param>
    /// <param name="keepsEdges">Transitions are wanted.</param>
    /// <param name="hash">Tells states apart.</param>
    /// <param name="mostBytes">That the process may take.</param>
    public Share(MachineModel model, int silos, int threads, bool keepsEdges, StateHash hash, long mostBytes)
    {
        _hash = hash;
        Model = model;
        _silos = silos;
        _workers = [.. Enumerable.Range(0, threads).Select(_ => model.CreateWorker())];
        _memory = new(mostBytes);
        _edges = keepsEdges ? new(model, new(), (_, _) => throw new InvalidOperationException("only asked for masks"))
            : null;
        (_paths, _found, _bornPrints) = (new(_store), new(_store), new(_store));
        (_before, _after, _kept, _born, _next) =
            (new(_store), new(_store), new(_store), new(_store), new(_store));
    }

    public MachineModel Model { get; }

    /// <summary>Of paths.</summary>
    public long PathBytes => _paths.Bytes;

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            worker.Dispose();
        }
    }

    /// <summary>Takes a slice: what of it was found here is there, and the rest comes.</summary>
    /// <param name="self">Which silo this is.</param>
    /// <param name="slice">The slice.</param>
    /// <returns>The states that must come before those that are here, and behind them, as numbers of the level.
    /// </returns>
    public ((long First, long Count) Before, (long First, long Count) After) Take(int self, Slice slice)
    {
        _slice = slice;
        _before.Clear();
        _after.Clear();
        var (first, end) = (slice.First, slice.First + slice.Count);
        var from = Math.Clamp(slice.Born[self], first, end);
        var to = Math.Clamp(slice.Born[self + 1], from, end);
        _bornFrom = (int)(from - slice.Born[self]);
        _bornCount = (int)(to - from);
        return ((first, from - first), (to, end - to));
    }

    /// <summary>Whether this is the slice at hand.</summary>
    public bool IsAt(Slice slice) => _slice.Level == slice.Level;

    /// <summary>States from another silo, in their order.</summary>
    /// <returns>How many.</returns>
    public int Receive(byte[] message, bool isBefore)
    {
        var into = isBefore ? _before : _after;
        var count = 0;
        for (var rest = message.AsSpan(); rest.Length > 0; count++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            into.Add(rest.Slice(5, length), rest[4]);
            rest = rest[(5 + length)..];
        }

        return count;
    }

    /// <summary>States that were found here, by their place among them: as many as fit into a message.</summary>
    public byte[] Give(long first, long count)
    {
        var message = new MemoryStream();
        Span<byte> head = stackalloc byte[5];
        for (var i = (int)first; i < first + count && message.Length < MessageBytes; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(head, _born[i].Length);
            head[4] = _born.RemainingBudget(i);
            message.Write(head);
            message.Write(_born[i]);
        }

        return message.ToArray();
    }

    /// <summary>The initial states.</summary>
    public (Piece Piece, byte[][] Asks) Initial()
    {
        var chunk = Chunk(0);
        chunk.Clear();
        chunk.Parent(0);
        _workers[0].Initial(chunk);
        return Sum([(chunk, 0)]);
    }

    /// <summary>Expands states of the slice.</summary>
    /// <returns>What came of them, and the keys to ask each silo for.</returns>
    public (Piece Piece, byte[][] Asks) Expand(long from, int count)
    {
        var ranges = new List<(long From, long To)>();
        for (var at = from; at < from + count;)
        {
            // A chunk is of one batch.
            var to = Math.Min(Math.Min(at + ChunkStates, (at / BatchStates + 1) * BatchStates), from + count);
            ranges.Add((at, to));
            at = to;
        }

        var chunks = ranges.Select((_, i) => Chunk(i)).ToArray();
        var next = -1;
        void Work(IModelWorker worker)
        {
            for (int i; (i = Interlocked.Increment(ref next)) < chunks.Length;)
            {
                chunks[i].Clear();
                for (var state = ranges[i].From; state < ranges[i].To; state++)
                {
                    chunks[i].Parent(state);
                    var (list, index) = Place(state);
                    worker.Expand(list[index], list.RemainingBudget(index), chunks[i]);
                    chunks[i].EndParent();
                }
            }
        }

        try
        {
            Parallel.ForEach(_workers, new ParallelOptions { MaxDegreeOfParallelism = _workers.Length }, Work);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return Sum([.. chunks.Zip(ranges, (chunk, range) => (chunk, range.From / BatchStates))]);
    }

    /// <summary>Takes what silos answered: a bit for each key, whether it may be new.</summary>
    public void Keep(byte[][] answers)
    {
        var at = new int[_silos];
        foreach (var (chunk, index) in _asked)
        {
            var candidate = chunk.Candidates[index];
            var owner = Keys.Owner(candidate.Fingerprint, _silos);
            if (Keys.Bit(answers[owner], at[owner]++))
            {
                _kept.Add(chunk.State(candidate), candidate.RemainingBudget);
                _found.Add(new(candidate.Fingerprint, candidate.Parent, candidate.Action));
            }
        }
    }

    /// <summary>Takes what silos said of all that was kept: a bit for each, whether it is new.</summary>
    /// <param name="entered">Of each silo.</param>
    /// <param name="ownedBytes">What this one owns.</param>
    public Settled Settle(byte[][] entered, long ownedBytes)
    {
        var at = new int[_silos];
        var path = _paths.Count;
        var batches = new BatchCounts();
        _next.Clear();
        _bornPrints.Clear();
        for (var i = 0; i < _found.Count; i++)
        {
            var found = _found[i];
            var owner = Keys.Owner(found.Fingerprint, _silos);
            batches.Add(found.Parent / BatchStates, 0);
            if (Keys.Bit(entered[owner], at[owner]++))
            {
                batches.Add(found.Parent / BatchStates, 1);
                _paths.Add(_slice.Number + found.Parent, found.Action);
                _next.Add(_kept[i], _kept.RemainingBudget(i));
                if (_edges is not null)
                {
                    _bornPrints.Add(found.Fingerprint);
                }
            }
        }

        (_born, _next) = (_next, _born);
        _next.Clear();
        _kept.Clear();
        _found.Clear();
        return new(batches.First, batches.Counts, _born.Count, path, ownedBytes + _paths.Bytes);
    }

    /// <summary>Keys of states that are new.</summary>
    public byte[] Born(long first, int count)
    {
        var keys = new byte[count * Keys.Bytes];
        for (var i = 0; i < count; i++)
        {
            Keys.Write(keys.AsSpan(i * Keys.Bytes), _bornPrints[first + i], _born.RemainingBudget((int)first + i));
        }

        return keys;
    }

    /// <summary>Who found a state.</summary>
    public (long Parent, int Action) FoundBy(long path) => _paths[path];

    private readonly List<(Expansion Chunk, int Candidate)> _asked = [];

    private Expansion Chunk(int index)
    {
        while (_chunks.Count <= index)
        {
            _chunks.Add(new(_edges is null ? null : _edges.Eventually, _hash, null));
        }

        return _chunks[index];
    }

    private (StateList List, int Index) Place(long state)
    {
        var index = (int)(state - _slice.First);
        return index < _before.Count ? (_before, index)
            : index < _before.Count + _bornCount ? (_born, index - _before.Count + _bornFrom)
            : (_after, index - _before.Count - _bornCount);
    }

    private (Piece Piece, byte[][] Asks) Sum(IReadOnlyList<(Expansion Chunk, long Batch)> chunks)
    {
        var asks = Enumerable.Range(0, _silos).Select(_ => new List<byte>()).ToArray();
        var batches = new BatchCounts();
        var findings = new List<Finding>();
        ulong seen = 0;
        var edges = (Targets: new MemoryStream(), Infos: new MemoryStream(), Ends: new MemoryStream());
        Span<byte> key = stackalloc byte[Keys.Bytes];
        _asked.Clear();
        foreach (var (chunk, batch) in chunks)
        {
            batches.Add(batch, chunk.Transitions);
            foreach (var (properties, state, action) in chunk.Findings)
            {
                if ((properties & ~seen) != 0)
                {
                    findings.Add(new(properties & ~seen, state, action));
                    seen |= properties;
                }
            }

            for (var i = 0; i < chunk.Candidates.Count; i++)
            {
                var candidate = chunk.Candidates[i];
                var print = Fingerprint.With(candidate.Fingerprint, candidate.RemainingBudget);
                ref var sent = ref _sent[BitOperations.RotateLeft(print, 11) & (SentKeys - 1)];
                if (sent != print)
                {
                    sent = print;
                    Keys.Write(key, candidate.Fingerprint, candidate.RemainingBudget);
                    asks[Keys.Owner(candidate.Fingerprint, _silos)].AddRange(key);
                    _asked.Add((chunk, i));
                }
            }

            if (_edges is not null)
            {
                var end = (int)(edges.Targets.Length / sizeof(ulong));
                edges.Targets.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(chunk.Edges.Targets)));
                edges.Infos.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(chunk.Edges.Infos)));
                var ends = chunk.Edges.Ends.Select(e => e + end).ToArray();
                edges.Ends.Write(MemoryMarshal.AsBytes(ends.AsSpan()));
            }
        }

        return (new(batches.First, batches.Counts, [.. findings], edges.Targets.ToArray(), edges.Infos.ToArray(),
            edges.Ends.ToArray(), _memory.Hit(_store.BytesInMemory, 0)), [.. asks.Select(a => a.ToArray())]);
    }

    /// <summary>A candidate that may be new.</summary>
    private readonly record struct Found(ulong Fingerprint, long Parent, int Action);
}

/// <summary>Counts by batch, in the order of batches.</summary>
internal sealed class BatchCounts
{
    private readonly List<long> _counts = [];

    public long First { get; private set; }

    public long[] Counts => [.. _counts];

    public void Add(long batch, long count)
    {
        if (_counts.Count == 0)
        {
            First = batch;
        }

        while (First + _counts.Count <= batch)
        {
            _counts.Add(0);
        }

        _counts[(int)(batch - First)] += count;
    }
}
