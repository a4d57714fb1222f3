using Orleans;
using Orleans.Concurrency;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Cluster;

/// <summary>What the program on a silo can do.</summary>
/// <param name="Place">Where it listens to searches.</param>
/// <param name="Resolve">An encoding by its name.</param>
/// <param name="Code">Which build of the program this is.</param>
/// <param name="Threads">That expand states.</param>
/// <param name="MostBytes">That the process may take.</param>
internal sealed record SiloProgram(string Place, Func<string, Encoding> Resolve, string Code, int Threads,
    long MostBytes);

/// <summary>Carries out what a search asks of a silo, and exchanges with the others. Reentrant: silos ask each other
/// while they expand.</summary>
[Reentrant]
internal sealed class SearchSilo(SiloProgram program, IGrainFactory grains, IGrainContext context)
    : Grain, ISearchSilo
{
    private int _runs;
    private Work? _work;

    public Task<SiloIntroduction> Introduce() =>
        Task.FromResult(new SiloIntroduction(program.Place, program.Code, $"{context.ActivationId}/{++_runs}"));

    public Task Begin(string run, SearchSpec spec, string[] silos, int self, byte fullBudget)
    {
        if (silos[self] != program.Place)
        {
            throw new RunLostException($"{silos[self]} was activated on {program.Place}");
        }

        _work?.Share.Dispose();
        _work = new(run, self, [.. silos.Select(s => grains.GetGrain<ISearchSilo>(s))],
            new(spec.Model(program.Resolve), silos.Length, program.Threads, spec.KeepsEdges,
                new(spec.HashSeed, spec.HashBits), program.MostBytes),
            new(silos.Length, fullBudget, program.Threads));
        return Task.CompletedTask;
    }

    public Task Ping(string run)
    {
        _ = At(run);
        return Task.CompletedTask;
    }

    public async Task<Piece> Initial(string run)
    {
        var work = At(run);
        var (piece, asks) = await Task.Run(work.Share.Initial);
        return await Asked(work, piece, asks);
    }

    public async Task<Piece> Expand(string run, Slice slice, long from, int count)
    {
        var work = At(run);
        if (!work.Share.IsAt(slice))
        {
            var (before, after) = work.Share.Take(work.Self, slice);
            await Fetch(work, slice, before, isBefore: true);
            await Fetch(work, slice, after, isBefore: false);
        }

        try
        {
            var (piece, asks) = await Task.Run(() => work.Share.Expand(from, count));
            return await Asked(work, piece, asks);
        }
        catch (EncodingDefectException e)
        {
            return new(0, [], [], [], [], [], null) { Defect = e.Message };
        }
    }

    public async Task<Settled> Settle(string run)
    {
        var work = At(run);
        var entered = await Task.WhenAll(work.Silos.Select((silo, i) => i == work.Self
            ? Task.Run(() => work.Owned.Entered(i)) : silo.Entered(run, work.Self)));
        work.Sent(entered.Where((_, i) => i != work.Self), 0);
        return await Task.Run(() => work.Share.Settle(entered, work.Owned.Bytes));
    }

    public Task<byte[]> Born(string run, long first, int count)
    {
        var work = At(run);
        return Task.Run(() => work.Share.Born(first, count));
    }

    public Task<(long Parent, int Action)> FoundBy(string run, long path) =>
        Task.FromResult(At(run).Share.FoundBy(path));

    public Task<Farewell> End(string run)
    {
        var work = At(run);
        var (words, others, tokens) = work.Share.Model.Lessons;
        work.Share.Dispose();
        _work = null;
        return Task.FromResult(new Farewell(words, others, tokens, work.Messages, work.Bytes, work.Keys, work.Moved));
    }

    public Task<byte[]> Ask(string run, int source, byte[] keys)
    {
        var work = At(run);
        return Task.Run(() => work.Owned.Ask(source, keys));
    }

    public Task<byte[]> Entered(string run, int source)
    {
        var work = At(run);
        return Task.Run(() => work.Owned.Entered(source));
    }

    public Task<byte[]> Give(string run, long first, long count)
    {
        var work = At(run);
        return Task.Run(() => work.Share.Give(first, count));
    }

    /// <exception cref="RunLostException">This silo has no part in the run.</exception>
    private Work At(string run) => _work is { } work && work.Run == run ? work
        : throw new RunLostException($"{program.Place} has no part in this run");

    private static async Task<Piece> Asked(Work work, Piece piece, byte[][] asks)
    {
        var answers = await Task.WhenAll(asks.Select((keys, i) => keys.Length == 0 ? Task.FromResult(keys)
            : i == work.Self ? Task.Run(() => work.Owned.Ask(i, keys)) : work.Silos[i].Ask(work.Run, work.Self, keys)));
        foreach (var (keys, answer) in asks.Zip(answers).Where((both, i) => i != work.Self && both.First.Length > 0))
        {
            work.Sent([keys, answer], keys.Length / Cluster.Keys.Bytes);
        }

        await Task.Run(() => work.Share.Keep(answers));
        return piece;
    }

    private static async Task Fetch(Work work, Slice slice, (long First, long Count) wanted, bool isBefore)
    {
        for (var (at, end) = (wanted.First, wanted.First + wanted.Count); at < end;)
        {
            var holder = Array.FindLastIndex(slice.Born, born => born <= at);
            var count = Math.Min(end, slice.Born[holder + 1]) - at;
            var message = await work.Silos[holder].Give(work.Run, at - slice.Born[holder], count);
            var received = work.Share.Receive(message, isBefore);
            work.Sent([message], 0);
            work.Moved += received;
            at += received;
        }
    }

    /// <summary>One run's work on this silo.</summary>
    private sealed class Work(string run, int self, ISearchSilo[] silos, Share share, Owned owned)
    {
        public string Run => run;
        public int Self => self;
        public ISearchSilo[] Silos => silos;
        public Share Share => share;
        public Owned Owned => owned;
        public long Messages { get; private set; }
        public long Bytes { get; private set; }
        public long Keys { get; private set; }
        public long Moved { get; set; }

        /// <summary>A call to another silo, or its answer.</summary>
        public void Sent(IEnumerable<byte[]> messages, long keys)
        {
            foreach (var message in messages)
            {
                Messages++;
                Bytes += message.Length;
            }

            Keys += keys;
        }
    }
}

/// <summary>A silo that was lost is activated anew elsewhere, and knows nothing.</summary>
[GenerateSerializer]
internal sealed class RunLostException(string message) : Exception(message);
