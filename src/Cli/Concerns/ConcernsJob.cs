using System.Collections.Concurrent;
using System.Diagnostics;
using UapiLab.Abstractions;
using UapiLab.Cli.Ci;
using UapiLab.Cli.Compare;
using UapiLab.Cli.Plugins;
using UapiLab.Cli.Shards;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Registry;
using UapiLab.Pages;

namespace UapiLab.Cli.Concerns;

/// <summary>Fills the matrix, cell by cell; what was decided before about the same code is taken from where it is
/// kept.</summary>
internal static class ConcernsJob
{
    private const int Repetitions = 5;
    private const int FileWidth = 100;

    /// <param name="terminal">Where the matrix goes.</param>
    /// <param name="lab">What there is.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="elsewhere">Where cells are decided in which a plugin's code has a part; null if there are none.
    /// </param>
    /// <param name="cancellation">Ends it.</param>
    public static int Run(Terminal terminal, LabCatalog lab, ConcernsRequest request, RemoteCells? elsewhere,
        CancellationToken cancellation)
    {
        request.Shards.Check();
        request.Ci.Try();
        var registry = lab.Encodings;
        var encodings = request.Encodings.Count > 0
            ? [.. request.Encodings.Select(registry.Resolve)]
            : Compared(registry);
        var baseline = registry.Resolve(DefaultMatrix.Baseline);
        var rivals = Rivals(registry);
        var concerns = request.Concerns;
        // A cell is a unit: concern by concern, so that the encodings with the most states meet different shards.
        var work = request.Shards.Shard is null && request.Shards.Files.Count == 0 ? null : new ShardedWork(
            request.Shards, request.Command,
            [.. concerns.SelectMany(c => encodings.Select(e => $"{c.Id} of {e.Description.FullName}"))],
            ("seed", Invariant($"{request.Seed}")), ShardedWork.Content("plugins", request.Plugins));
        int UnitOf(int row, int column) => (column * encodings.Length) + row;
        var known = work?.Known<ConcernCell>(isWhole: true);
        var isPart = request.Shards.Shard is not null;
        var folder = isPart ? new OutputFolder(terminal.Error, request.Directory)
            : new OutputFolder(terminal.Error, request.Directory, "matrix.txt", "matrix.json", "curves.csv");
        var page = CiFile.Of("--out", request.Page);
        var cache = new ConcernCache(folder, request.Directory, request.Seed, rivals, lab.Workloads);
        var seeds = SeedList.Derive(request.Seed, Repetitions);
        var threads = request.Threads > 0 ? request.Threads : Environment.ProcessorCount;
        var share = new ThreadShare(threads, encodings.Length);
        var rows = new (int Unit, ConcernCell Cell)[encodings.Length][];
        // A search with one thread does more for its time than one with several, so rows come side by side. They differ
        // by two orders of magnitude in time, and the last ones, which say most, tend to have the most states: they
        // start first. What the last rows leave idle helps them.
        var progress = terminal.Progress is { } shows
            ? new ConcernsProgress(new(shows), encodings.Length * request.Concerns.Count) : null;
        var order = Partitioner.Create(Enumerable.Range(0, encodings.Length)
            .Reverse(), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(order, new() { MaxDegreeOfParallelism = share.AtOnce }, row =>
        {
            var bench = new ConcernBench(encodings[row], baseline, seeds, share.Now, () =>
            {
                request.Heartbeat("deciding about " + encodings[row].Description.FullName);
                progress?.Show();
                return cancellation.IsCancellationRequested ? "interrupted" : null;
            })
            {
                Rivals = rivals,
                Workloads = lab.Workloads,
                Cancellation = cancellation,
            };
            using var away = elsewhere?.Row(encodings[row]);
            rows[row] = [.. concerns.Index().Select(c => (Unit: UnitOf(row, c.Index), c.Item))
                .Where(c => !isPart || work!.Takes(c.Unit))
                .TakeWhile(_ => !cancellation.IsCancellationRequested)
                .Select(c => (c.Unit, known?.GetValueOrDefault(c.Unit)
                    ?? Decide(progress, request, cache, bench, away, c.Item, cancellation)))];
            share.Done();
        });

        progress?.Clear();
        if (isPart)
        {
            cancellation.ThrowIfCancellationRequested();
            return elsewhere?.HasFailed == true
                ? throw new InputException("--shard", "a plugin's process ended, expected that it decides its cells")
                : folder.Exit(work!.Write(terminal, request.Directory, quiet: false,
                    rows.SelectMany(row => row).Select(c => KeyValuePair.Create(c.Unit, c.Cell))));
        }

        var cells = rows.SelectMany(row => row).Select(c => c.Cell).ToArray();
        var answer = new ConcernsAnswer([.. encodings.Select(e => e.Description.FullName)], cells);
        var json = ConcernsJson.Write(answer, request.Concerns);
        folder.Write("matrix.txt", ConcernsText.Page(answer, request.Concerns, FileWidth, details: true));
        folder.Write("matrix.json", json);
        folder.Write("curves.csv", CurvesCsv.Write(cells));
        if (request.Json)
        {
            terminal.Out.Write(json);
        }
        else
        {
            terminal.Out.Write(request.Explain
                ? string.Concat(cells.Select(c => ConcernsText.Explain(
                    request.Concerns.Single(k => k.Id == c.Concern), c, elsewhere?.Plugins ?? [])))
                : ConcernsText.Page(answer, request.Concerns, terminal.Width, request.Details));
        }

        // Findings about an interface are what the command is for; only what could not be decided is worth a code.
        var exit = elsewhere is { HasFailed: true } ? ExitCode.Violation
            : cancellation.IsCancellationRequested || cells.Any(c => c.Verdict == ConcernVerdict.NotDecided)
                ? ExitCode.Undecided : ExitCode.Fine;
        exit = page!.Write(
            terminal.Error, ReportPage.Write(("matrix.json", System.Text.Encoding.UTF8.GetBytes(json))), exit);
        return folder.Exit(request.Ci.Write(terminal.Error, exit,
            summary: () => SummaryReport.Write("concerns", exit, answer.Sentences, [])));
    }

    /// <summary>Without the oracle: nobody could build it.</summary>
    private static Encoding[] Compared(EncodingRegistry registry) =>
        [.. DefaultMatrix.Encodings(registry).Where(e => e.Name != DefaultMatrix.Oracle).Select(e => e.Encoding)];

    /// <summary>What is there to show what goes wrong is nobody's rival.</summary>
    private static Encoding[] Rivals(EncodingRegistry registry) =>
        [.. DefaultMatrix.Encodings(registry).Where(e => !e.ViolationsExpected && e.Name != DefaultMatrix.Oracle)
            .Select(e => e.Encoding)];

    /// <summary>In a worker: decides the cells of a row that it is asked for.</summary>
    public static int Serve(WorkerSide worker, LabCatalog lab, ConcernsRequest request, CancellationToken cancellation)
    {
        var registry = lab.Encodings;
        var encoding = registry.Resolve(worker.Task.Serves!);
        var name = encoding.Description.FullName;
        var threads = request.Threads > 0 ? request.Threads : Environment.ProcessorCount;
        var bench = new ConcernBench(encoding, registry.Resolve(DefaultMatrix.Baseline),
            SeedList.Derive(request.Seed, Repetitions), () => threads, () =>
            {
                request.Heartbeat("deciding about " + name);
                return cancellation.IsCancellationRequested ? "interrupted" : null;
            })
        {
            Rivals = Rivals(registry),
            Workloads = lab.Workloads,
        };
        return worker.Serve<string, string>(
            id => $"deciding {id} of {name}",
            id => ConcernsJson.Write(bench.Decide(lab.Concerns.Single(c => c.Id == id))));
    }

    private static ConcernCell Decide(ConcernsProgress? progress, ConcernsRequest request, ConcernCache cache,
        ConcernBench bench, RemoteRow? away, IConcern concern, CancellationToken cancellation)
    {
        var encoding = bench.Encoding;
        if (!request.Fresh && cache.Find(encoding, concern) is { } known)
        {
            progress?.Done();
            return known;
        }

        request.Heartbeat($"deciding {concern.Id} of {bench.Name}");
        progress?.Begin($"{concern.Id} of {bench.Name}");

        var (cell, isDecided) = away?.Takes(concern) == true ? away.Decide(concern) : (bench.Decide(concern), true);
        if (isDecided && !cancellation.IsCancellationRequested)
        {
            cache.Keep(encoding, concern, cell);
        }

        progress?.Done();
        return cell;
    }

    /// <summary>Cells so far. They differ by orders of magnitude in time, so how many are left says nothing of how
    /// long it takes.</summary>
    private sealed class ConcernsProgress(ProgressLine line, int cells)
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private volatile string _at = "";
        private int _done;

        public void Begin(string cell)
        {
            _at = cell;
            Show();
        }

        public void Done() => Interlocked.Increment(ref _done);

        public void Show() => line.Show(() =>
            Invariant($"concerns: {Volatile.Read(ref _done)} of {cells} cells, {_at}, ")
            + Invariant($"{_clock.Elapsed.TotalSeconds:F0} s; no estimate"));

        public void Clear() => line.Clear();
    }
}
