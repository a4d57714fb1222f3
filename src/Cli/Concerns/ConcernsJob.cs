using System.Collections.Concurrent;
using UapiLab.Abstractions;
using UapiLab.Cli.Compare;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Concerns;

/// <summary>Fills the matrix, cell by cell; what was decided before about the same code is taken from where it is
/// kept.</summary>
internal static class ConcernsJob
{
    private const int Repetitions = 5;

    public static int Run(Terminal terminal, LabCatalog lab, ConcernsRequest request, CancellationToken cancellation)
    {
        var registry = lab.Encodings;
        var encodings = request.Encodings.Count > 0
            ? [.. request.Encodings.Select(registry.Resolve)]
            : Compared(registry);
        var baseline = registry.Resolve(DefaultMatrix.Baseline);
        // What is there to show what goes wrong is nobody's rival.
        var rivals = DefaultMatrix.Encodings(registry)
            .Where(e => !e.ViolationsExpected && e.Name != DefaultMatrix.Oracle).Select(e => e.Encoding).ToArray();
        var folder = new OutputFolder(terminal.Error, request.Directory, "matrix.txt", "matrix.json", "curves.csv");
        var cache = new ConcernCache(folder, request.Directory, request.Seed, rivals, lab.Workloads);
        var seeds = SeedList.Derive(request.Seed, Repetitions);
        var threads = request.Threads > 0 ? request.Threads : Environment.ProcessorCount;
        var atOnce = Math.Min(threads, encodings.Length);
        var rows = new ConcernCell[encodings.Length][];
        // A search with one thread does more for its time than one with several, so rows come side by side. They differ
        // by two orders of magnitude in time, and the last ones, which say most, tend to have the most states: they
        // start first. What the last rows leave idle helps them.
        var left = encodings.Length;
        int Share() => threads / Math.Min(threads, Math.Max(1, Volatile.Read(ref left)));
        var order = Partitioner.Create(Enumerable.Range(0, encodings.Length)
            .Reverse(), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(order, new() { MaxDegreeOfParallelism = atOnce }, row =>
        {
            var bench = new ConcernBench(encodings[row], baseline, seeds, Share, () =>
            {
                request.Heartbeat("deciding about " + encodings[row].Description.FullName);
                return cancellation.IsCancellationRequested ? "interrupted" : null;
            })
            {
                Rivals = rivals,
                Workloads = lab.Workloads,
                Cancellation = cancellation,
            };
            var away = Away(request, cache, encodings[row]);
            rows[row] = [.. request.Concerns.TakeWhile(_ => !cancellation.IsCancellationRequested)
                .Select(c => away(c) ?? Decide(terminal, request, cache, bench, encodings[row], c, cancellation))];
            Interlocked.Decrement(ref left);
        });

        var cells = rows.SelectMany(row => row).ToArray();
        var matrix = ConcernsText.Matrix(cells, encodings.Select(e => e.Description.FullName), request.Concerns);
        var json = ConcernsJson.Write(cells);
        folder.Write("matrix.txt", matrix);
        folder.Write("matrix.json", json);
        folder.Write("curves.csv", CurvesCsv.Write(cells));
        if (request.Json)
        {
            terminal.Out.Write(json);
        }
        else
        {
            terminal.Out.Write(request.Explain
                ? string.Concat(
                cells.Select(c => ConcernsText.Explain(request.Concerns.Single(k => k.Id == c.Concern), c,
                request.Elsewhere?.Plugins ?? []))) : matrix);
        }

        // Findings about an interface are what the command is for; only what could not be decided is worth a code.
        return folder.Exit(request.Elsewhere is { HasFailed: true } ? ExitCode.Violation
            : cancellation.IsCancellationRequested || cells.Any(c => c.Verdict == ConcernVerdict.NotDecided)
                ? ExitCode.Undecided : ExitCode.Fine);
    }

    /// <summary>Without the oracle: nobody could build it.</summary>
    private static Encoding[] Compared(EncodingRegistry registry) =>
        [.. DefaultMatrix.Encodings(registry).Where(e => e.Name != DefaultMatrix.Oracle).Select(e => e.Encoding)];

    /// <summary>Has the cells of a row decided that are not decided here.</summary>
    /// <returns>Such a cell by its concern; null for the others.</returns>
    private static Func<IConcern, ConcernCell?> Away(ConcernsRequest request, ConcernCache cache, Encoding encoding)
    {
        if (request.Elsewhere is not { } elsewhere)
        {
            return _ => null;
        }

        var ends = new Dictionary<IConcern, string?>();
        foreach (var group in elsewhere.Groups(encoding, request.Concerns))
        {
            IConcern[] asked = [.. group.Where(c => request.Fresh || cache.Find(encoding, c) is null)];
            foreach (var concern in asked)
            {
                cache.Forget(encoding, concern);
            }

            var end = asked.Length > 0 ? elsewhere.Decide(encoding, asked, request) : null;
            foreach (var concern in group)
            {
                ends[concern] = end;
            }
        }

        return c => ends.TryGetValue(c, out var end) ? cache.Find(encoding, c)
            ?? RemoteCells.Undecided(encoding, c, end ?? "no answer") : null;
    }

    private static ConcernCell Decide(Terminal terminal, ConcernsRequest request, ConcernCache cache,
        ConcernBench bench, Encoding encoding, IConcern concern, CancellationToken cancellation)
    {
        if (!request.Fresh && cache.Find(encoding, concern) is { } known)
        {
            return known;
        }

        request.Heartbeat($"deciding {concern.Id} of {bench.Name}");
        if (terminal.Progress is not null)
        {
            terminal.Error.WriteLine($"{concern.Id} {bench.Name} …");
        }

        var cell = bench.Decide(concern);
        if (!cancellation.IsCancellationRequested)
        {
            cache.Keep(encoding, concern, cell);
        }

        return cell;
    }
}
