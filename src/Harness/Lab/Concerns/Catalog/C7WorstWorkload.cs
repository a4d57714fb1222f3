using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Lab.Concerns.Sweeps;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C7.</summary>
internal sealed class C7WorstWorkload : Concern
{
    private static readonly (string Name, string[] Values)[] s_parameters =
    [
        ("fetch", ["1us", "2us", "5us", "10us", "11us", "20us", "50us", "100us", "1ms", "10ms"]),
        ("sync", ["0", "0.25", "0.5", "0.75", "1"]),
        ("policy", ["resolve", "wait(10us)", "reenter"]),
        ("tasks", ["1", "2", "4"]),
        ("cpu-tasks", ["0", "1"]),
        ("vcpus", ["1", "2", "4", "8"]),
        ("prefetch", ["0", "4", "16"]),
        ("prefetch-accuracy", ["0", "0.5", "1"]),
        ("predict", ["0", "0.5", "1"]),
        ("think", ["0ns", "1us", "10us", "100us"]),
    ];

    private static readonly long[] s_fetches = [1_000, 10_000, 30_000, 100_000, Durations.Millisecond];
    private static readonly long[] s_vcpus = [1, 2, 4, 8, 16];
    private static readonly long[] s_accuracies = [0, 250, 500, 750, 1_000];

    // The way down needs a direction only; that nothing around is lower is asked of every seed.
    private const int SeedsOnTheWay = 1;
    private const int EverySeed = int.MaxValue;

    public override string Id => "C7";
    public override string Title => "harmless only as long as something holds";
    public override string Question =>
        "On which workload does the encoding lose most against exit and block, and how much?";
    public override string Source => Mails.MatterOfCost;
    public override string Method =>
        "A search, not a sample: parameter after parameter of `mixed` over its range from three starts with one seed, "
            + "then from the worst of them step by step with every seed "
        + "until no neighbour, one step in one parameter or in two, is worse. Holds: not slower than exit and block "
            + "even there; holds at a cost: the worst that was found. It is a lower bound on how bad it gets. "
        + "Beside it, the best that a change of one parameter makes of it, and the speed by fetch time, vCPUs and "
            + "accuracy of a prefetcher.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        int[] sizes = [.. s_parameters.Select(p => p.Values.Length)];
        var quick = Search(bench, sizes, SeedsOnTheWay);
        int[][] starts = [[.. sizes.Select(s => s / 2)], [.. sizes.Select(_ => 0)], [.. sizes.Select(s => s - 1)]];
        var start = starts.Select(quick.AlongLines).MinBy(p => p.Value ?? decimal.MaxValue);
        var search = Search(bench, sizes, EverySeed);
        var worst = search.Downhill(start.Place);
        var workload = Workload(worst.Place);
        var found = bench.Speedup(workload);
        var verdict = found is not { } f ? ConcernVerdict.NotDecided : f.High >= 1 ? ConcernVerdict.Holds
            : ConcernVerdict.HoldsAtACost;
        return new(Id, bench.Name, verdict, found is { } n ? Invariant($"worst {n.Mean:0.##}x") : "no run finished",
        [
            ConcernWords.Simulated(bench, workload, found, "speed against exit and block, worst found"),
            Around(bench, search, worst, quick.Evaluated),
            OneChange(bench, worst.Place),
            Along(bench, "fetch time", SweepScale.Time, s_fetches, "mixed:sync=0,fetch="),
            Along(bench, "vCPUs", SweepScale.Count, s_vcpus, "mixed:pages=40,vcpus="),
            Along(bench, "prefetch accuracy", SweepScale.Share, s_accuracies, "mixed:prefetch=16,prefetch-accuracy="),
        ]);
    }

    /// <summary>What makes it the worst of its surroundings.</summary>
    private Evidence Around(ConcernBench bench, PatternSearch search, PatternPoint worst, int tried)
    {
        var neighbours = search.Neighbours(worst.Place).DistinctBy(Workload)
            .Where(n => Workload(n) != Workload(worst.Place)).Select(search.At).ToArray();
        var unfinished = neighbours.Count(n => n.Value is null);
        return new(Invariant(
            $"of its {neighbours.Length} neighbours {neighbours.Count(n => n.Value < worst.Value)} are ")
                + Invariant($"worse{(unfinished > 0 ? $" and {unfinished} did not finish" : "")}; ")
            + Invariant($"{tried} points were tried ")
                + Invariant($"with one seed, {search.Evaluated} with every seed"),
            ConcernWords.Again(bench, Id));
    }

    /// <summary>How far one parameter alone makes up for it: which condition a claim that it pays would have to
    /// name.</summary>
    private static Evidence OneChange(ConcernBench bench, IReadOnlyList<int> worst)
    {
        var best = s_parameters.SelectMany((p, i) => Enumerable.Range(0, p.Values.Length)
            .Select(value => Workload([.. worst.Select((w, j) => i == j ? value : w)])))
            .Distinct().Select(w => (Workload: w, Speed: bench.Speedup(w))).Where(w => w.Speed is not null)
                .MaxBy(w => w.Speed!.Value.Mean);
        return ConcernWords.Simulated(bench, best.Workload
            ?? Workload(worst), best.Speed, "best that a change of one parameter of it makes");
    }

    private Evidence Along(ConcernBench bench, string parameter, SweepScale scale, long[] values, string workload) =>
        ConcernWords.Swept(bench, Id,
            new Sweep($"speed against exit and block on {workload}…", parameter, scale, values,
            v => bench.Speedup(workload + scale.Text(v))).Run());

    private static PatternSearch Search(ConcernBench bench, int[] sizes, int repetitions) =>
        new(sizes, place => bench.Speedup(Workload(place), repetitions)?.Mean, () => bench.IsStopped);

    private static string Workload(IReadOnlyList<int> place)
    {
        string Value(string name) => s_parameters.Select((p, i) => (p.Name, Value: p.Values[place[i]]))
            .Single(p => p.Name == name).Value;

        // Without a prefetcher there is nothing for its accuracy to decide; a computing task needs something to do.
        var chosen = s_parameters.Select((p, i) => (p.Name, Value: p.Values[place[i]]))
            .Where(p => p.Name != "prefetch-accuracy" || Value("prefetch") != "0");
        return $"mixed:pages=40,{string.Join(',', chosen.Select(p => $"{p.Name}={p.Value}"))}{(
            Value("cpu-tasks") == "0" ? "" : ",mix=1")}";
    }
}
