using System.Globalization;
using UapiLab.Harness.Concerns.Sweeps;
using UapiLab.Harness.Determinism;

namespace UapiLab.Harness.Concerns;

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

    private static readonly long[] s_fetches = [1_000, 10_000, 100_000, Durations.Millisecond, 10 * Durations.Millisecond];

    // The way down needs a direction only; that nothing around is lower is asked of every seed.
    private const int SeedsOnTheWay = 1;
    private const int All = int.MaxValue;

    public override string Id => "C7";
    public override string Title => "no \"if x holds, y shouldn't be a problem\"";
    public override string Question => "On which workload does the encoding lose most against exit and block, and how much?";
    public override string Source => "Re: [RFC PATCH 0/6] KVM: x86: async PF user, 2024-11 to 2025-02";
    public override string Method => "A search, not a sample: parameter after parameter of `mixed` over its range from three starts with one seed, then from the worst of them step by step with every seed "
        + "until no neighbour, one step in one parameter or in two, is worse. Holds: not slower than exit and block even there; holds at a cost: the worst that was found. It is a lower bound on how bad it gets. "
        + "From the worst workload the fetch time is varied until it pays again.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        int[] sizes = [.. s_parameters.Select(p => p.Values.Length)];
        var quick = Search(bench, sizes, SeedsOnTheWay);
        int[][] starts = [[.. sizes.Select(s => s / 2)], [.. sizes.Select(_ => 0)], [.. sizes.Select(s => s - 1)]];
        var start = starts.Select(quick.AlongLines).MinBy(p => p.Value ?? decimal.MaxValue);
        var search = Search(bench, sizes, All);
        var worst = search.Downhill(start.Place);
        var workload = Workload(worst.Place);
        var found = bench.Speedup(workload);
        var verdict = found is not { } f ? ConcernVerdict.NotDecided : f.High >= 1 ? ConcernVerdict.Holds : ConcernVerdict.HoldsAtACost;
        var around = search.Neighbours(worst.Place).Count();
        var back = new Sweep("speed against exit and block on the worst workload found", "fetch time", SweepScale.Time, s_fetches, fetch => bench.Speedup(Workload(worst.Place, Durations.Format(fetch)))).Run();
        return new(Id, bench.Name, verdict, found is { } n ? string.Create(CultureInfo.InvariantCulture, $"worst {n.Mean:0.##}x") : "no run finished",
        [
            ConcernWords.Simulated(bench, workload, found, "speed against exit and block, worst found"),
            new(string.Create(CultureInfo.InvariantCulture, $"of {around} neighbours of it none is worse; {quick.Evaluated} workloads with one seed and {search.Evaluated} with every seed were tried"), ConcernWords.Again(bench, Id)),
            ConcernWords.Swept(bench, Id, back),
        ]);
    }

    private static PatternSearch Search(ConcernBench bench, int[] sizes, int repetitions) =>
        new(sizes, place => bench.Speedup(Workload(place), repetitions)?.Mean, () => bench.IsStopped);

    private static string Workload(IReadOnlyList<int> place, string? fetch = null) =>
        "mixed:pages=40," + string.Join(',', s_parameters.Select((p, i) => $"{p.Name}={(p.Name == "fetch" && fetch is not null ? fetch : p.Values[place[i]])}"))
        + (place[CpuTasks] > 0 ? ",mix=1" : "");

    private static readonly int CpuTasks = Array.FindIndex(s_parameters, p => p.Name == "cpu-tasks");
}
