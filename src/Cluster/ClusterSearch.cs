using System.Runtime.InteropServices;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Cluster;

/// <summary>
/// Drives a breadth-first search on silos, level by level. States are numbered as on one machine, and each silo expands
/// a slice of a level. Counts of each batch say where one machine would have ended. So what comes of it is the same:
/// verdicts, counts and paths. Transitions, for fair cycles, come here. A model's local steps are not made use of; the
/// machine has none.
/// </summary>
internal sealed class ClusterSearch
{
    /// <summary>States that a silo expands between two looks at whether it should go on.</summary>
    private const int PieceStates = 1 << 13;

    private const int KeysInMessage = 1 << 20;

    private static readonly TimeSpan s_longestBegin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_longestSearchForLoss = TimeSpan.FromSeconds(30);

    private readonly Connection _connection;
    private readonly IReadOnlyList<ISearchSilo> _silos;
    private readonly MachineModel _model;
    private readonly SearchOptions _options;
    private readonly SearchAnswer _answer;
    private readonly MemoryBound _memory;
    private readonly SizeEstimate _estimate = new();
    private readonly Dictionary<(long, int), StatePath> _paths = [];

    /// <summary>For each level: the number of its first state, then for each silo the first state that it found and
    /// where its paths begin.</summary>
    private readonly List<(long First, long[] Born, long[] Paths)> _levels = [];

    private readonly CancellationTokenSource _over = new();
    private Task<string> _lost = Task.FromResult("");
    private string _run = "";
    private byte _fullBudget;
    private VisitedSet? _visited;
    private EdgeList? _edges;
    private readonly BlockStore _store = new();
    private string? _boundOfCycles;
    private string? _bound;
    private long _states, _transitions, _bytes;
    private int _depth;

    private ClusterSearch(Connection connection, MachineModel model, SearchOptions options)
    {
        _connection = connection;
        _silos = connection.Silos;
        _model = model;
        _options = options;
        _answer = new(model, options, PathTo);
        _memory = new(options.MaxBytes);
        _visited = options.Liveness ? new(numbered: true) : null;
        _edges = options.Liveness ? new(_store) : null;
    }

    /// <summary>Searches.</summary>
    public static SearchResult Run(Connection connection, MachineModel model, SearchOptions options) =>
        Task.Run(new ClusterSearch(connection, model, options).RunAsync).GetAwaiter().GetResult();

    private async Task<SearchResult> RunAsync()
    {
        var traffic = new SearchTraffic(_silos.Count, 0, 0, 0, 0);
        try
        {
            if (_connection.LostPlace is { } lost)
            {
                throw new SiloLostException(lost);
            }

            await Begin();
            _lost = _connection.Lost(_run, _over.Token);
            await Levels();
            var result = Close();
            foreach (var farewell in await All(silo => silo.End(_run)))
            {
                _model.Lessons = new(farewell.Words, farewell.Others, farewell.Tokens);
                traffic = traffic with
                {
                    Messages = traffic.Messages + farewell.Messages,
                    Bytes = traffic.Bytes + farewell.Bytes,
                    Asked = traffic.Asked + farewell.Asked,
                    Moved = traffic.Moved + farewell.Moved,
                };
            }

            return result with { Traffic = traffic };
        }
        catch (SiloLostException e)
        {
            // What was found remains true; what was not looked at, nobody knows.
            _bound = e.Message;
            (_edges, _visited) = (null, null);
            _connection.LostPlace = e.Place;
            return Close();
        }
        finally
        {
            await _over.CancelAsync();
        }
    }

    private async Task Begin()
    {
        var initial = new InitialBudget();
        using (var worker = _model.CreateWorker())
        {
            worker.Initial(initial);
        }

        _fullBudget = initial.All;
        _run = (await Of(0, _silos[0].Introduce().WaitAsync(s_longestBegin))).Run;
        var spec = SearchSpec.Of(_model, _edges is not null, _options.Hash);
        string[] places = [.. _connection.Places.Select(p => p.Text)];
        await All(async (silo, i) =>
        {
            await silo.Begin(_run, spec, places, i, _fullBudget).WaitAsync(s_longestBegin);
            return 0;
        });
    }

    private async Task Levels()
    {
        var first = await Of(0, _silos[0].Initial(_run));
        _transitions += first.Transitions.Sum();
        foreach (var finding in first.Findings)
        {
            _answer.Note(finding.Properties, finding.State, finding.Action);
        }

        var settled = await All(silo => silo.Settle(_run));
        await Enter(settled, [], long.MaxValue);
        while (_bound is null && !_answer.IsDone && _levels[^1].Born[^1] > 0)
        {
            await Level();
        }
    }

    private async Task Level()
    {
        var (number, born, _) = _levels[^1];
        var count = born[^1];
        var pieces = _silos.Select(_ => new List<Piece>()).ToArray();
        var limit = count; // states beyond it need not be expanded
        await All(async (silo, i) =>
        {
            var (from, to) = (count * i / _silos.Count, count * (i + 1) / _silos.Count);
            var slice = new Slice(_levels.Count, number, from, to - from, born);
            while (from < to && from < limit && _bound is null)
            {
                var size = (int)Math.Min(PieceStates, to - from);
                var piece = await silo.Expand(_run, slice, from, size);
                if (piece.Defect is { } defect)
                {
                    throw new EncodingDefectException(defect);
                }

                lock (pieces)
                {
                    pieces[i].Add(piece);
                    limit = Math.Min(limit, piece.Findings.Where(f => _answer.WouldEnd(f.Properties))
                        .Select(f => ((f.State / Share.BatchStates) + 1) * Share.BatchStates)
                        .Append(limit).Min());
                    _bound ??= piece.Bound is { } bound ? $"{bound} of silo {_connection.Places[i].Text}"
                        : _options.Stop();
                    _options.Progress?.Invoke(_states, _depth);
                }

                from += size;
            }

            return 0;
        });
        _depth++;
        if (_bound is not null)
        {
            // What came of half a level is not numbered, and counts as not looked at.
            return;
        }

        var settled = await All(silo => silo.Settle(_run));
        var last = Account(pieces, settled);
        await Enter(settled, pieces, last);
    }

    /// <summary>Goes through the batches of a level as one machine does, up to where that would have ended.</summary>
    /// <returns>States up to there, if the level has more.</returns>
    private long Account(List<Piece>[] pieces, Settled[] settled)
    {
        var found = _levels[^1].Born[^1];
        var batches = (found + Share.BatchStates - 1) / Share.BatchStates;
        var (transitions, states) = (new long[batches], new long[batches]);
        foreach (var piece in pieces.SelectMany(p => p))
        {
            AddTo(transitions, piece.FirstBatch, piece.Transitions);
        }

        foreach (var part in settled)
        {
            AddTo(states, part.FirstBatch, part.States);
        }

        var findings = new Queue<Finding>(pieces.SelectMany(p => p).SelectMany(p => p.Findings));
        var before = _states;
        for (var batch = 0L; batch < batches; batch++)
        {
            _transitions += transitions[batch];
            before += states[batch];
            while (findings.TryPeek(out var next) && next.State / Share.BatchStates <= batch)
            {
                findings.Dequeue();
                _answer.Note(next.Properties, _levels[^1].First + next.State, next.Action);
            }

            if (_answer.IsDone || before >= _options.MaxStates)
            {
                _bound = _answer.IsDone ? null : $"states: {_options.MaxStates}";
                return before;
            }
        }

        return long.MaxValue;

        static void AddTo(long[] sums, long first, long[] counts)
        {
            for (var i = 0; i < counts.Length; i++)
            {
                sums[first + i] += counts[i];
            }
        }
    }

    /// <summary>Numbers the states of the next level, and takes what fair cycles need.</summary>
    private async Task Enter(Settled[] settled, List<Piece>[] pieces, long most)
    {
        var born = new long[_silos.Count + 1];
        for (var i = 0; i < settled.Length; i++)
        {
            born[i + 1] = born[i] + settled[i].Count;
        }

        var first = _states;
        _levels.Add((first, born, [.. settled.Select(s => s.Path)]));
        _states = Math.Min(first + born[^1], most);
        _bytes = settled.Sum(s => s.Bytes);
        var isWhole = most == long.MaxValue;
        await RememberPaths();
        if (isWhole)
        {
            await EnterForCycles(settled, pieces, first);
            _estimate.Add(born[^1]);
        }

        _options.Progress?.Invoke(_states, _depth);
    }

    private async Task EnterForCycles(Settled[] settled, List<Piece>[] pieces, long first)
    {
        if (_edges is null || _visited is null)
        {
            return;
        }

        foreach (var piece in pieces.SelectMany(p => p))
        {
            var edges = new EdgeList.Builder();
            edges.Targets.AddRange(MemoryMarshal.Cast<byte, ulong>(piece.Targets));
            edges.Infos.AddRange(MemoryMarshal.Cast<byte, EdgeInfo>(piece.Infos));
            edges.Ends.AddRange(MemoryMarshal.Cast<byte, int>(piece.Ends));
            _edges.Append(edges);
        }

        for (var i = 0; i < settled.Length; i++)
        {
            for (var at = 0L; at < settled[i].Count; at += KeysInMessage)
            {
                var count = (int)Math.Min(KeysInMessage, settled[i].Count - at);
                var keys = await Of(i, _silos[i].Born(_run, at, count));
                for (var k = 0; k < count; k++)
                {
                    var (fingerprint, budget) = Keys.Read(keys, k);
                    _visited.TryAdd(fingerprint, budget, _fullBudget);
                    _visited.Number(fingerprint, budget, (uint)first++);
                }
            }
        }

        if (_memory.Hit(_visited.Bytes + _store.BytesInMemory, FairCycle.BytesOf(_edges)) is { } hit)
        {
            (_edges, _visited) = (null, null);
            _boundOfCycles = $"{hit} of transitions, here";
        }
    }

    private SearchResult Close() => _answer.Close(new()
    {
        States = _states,
        Transitions = _transitions,
        Depth = _depth,
        Bound = _answer.IsDone ? null : _bound,
        BoundOfCycles = _boundOfCycles,
        ExpectedStates = _estimate.Total,
        Bytes = _bytes,
    }, _edges, NumberOf);

    private uint NumberOf(ulong fingerprint, byte budget) =>
        _visited!.Find(fingerprint, budget, _fullBudget, out var number) ? number : uint.MaxValue;

    /// <summary>Paths to what was found, while every silo is there to tell them.</summary>
    private async Task RememberPaths()
    {
        foreach (var (state, action) in _answer.Found.Where(f => !_paths.ContainsKey(f)))
        {
            _paths[(state, action)] = await Task.Run(() => Trace(state, action));
        }
    }

    private StatePath PathTo(long state, int action) =>
        _paths.TryGetValue((state, action), out var path) ? path : Trace(state, action);

    private StatePath Trace(long state, int action) => PathLog.To(state, action, _levels[0].Born[^1], number =>
    {
        var (first, born, paths) = _levels[_levels.FindLastIndex(l => l.First <= number && l.Born[^1] > 0)];
        var silo = Array.FindLastIndex(born, b => b <= number - first);
        return Of(silo, _silos[silo].FoundBy(_run, paths[silo] + (number - first - born[silo])))
            .GetAwaiter().GetResult();
    });

    private Task<T[]> All<T>(Func<ISearchSilo, Task<T>> call) => All((silo, _) => call(silo));

    private async Task<T[]> All<T>(Func<ISearchSilo, int, Task<T>> call) =>
        await Task.WhenAll(_silos.Select((silo, i) => Of(i, call(silo, i))));

    /// <exception cref="SiloLostException">The silo, or one that it needs, does not answer.</exception>
    private async Task<T> Of<T>(int silo, Task<T> call)
    {
        if (await Task.WhenAny(call, _lost) != call && _lost.Result.Length > 0)
        {
            throw new SiloLostException(_lost.Result);
        }

        try
        {
            return await call;
        }
        catch (Exception e) when (e is Orleans.Runtime.OrleansException or TimeoutException or RunLostException
            or IOException)
        {
            // It may be another one that this one needs, which does not answer either.
            var isKnown = await Task.WhenAny(_lost, Task.Delay(s_longestSearchForLoss)) == _lost
                && _lost.Result.Length > 0;
            throw new SiloLostException(isKnown ? _lost.Result : _connection.Places[silo].Text);
        }
    }

    private sealed class SiloLostException(string place) : Exception($"the loss of silo {place}")
    {
        public string Place => place;
    }

    private sealed class InitialBudget : ISuccessors
    {
        public byte All { get; private set; }

        public void Add(ReadOnlySpan<byte> next, in StepInfo step) => All |= step.RemainingBudget;

        public void Observe(ulong properties)
        {
        }
    }
}
