using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Concerns.Sweeps;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Statistics;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Workloads;

namespace UapiLab.Harness.Concerns;

/// <summary>What a concern may use to decide about one encoding: checks, what KVM can know, simulations, the uAPI. Whatever two concerns
/// ask for is done once.</summary>
public sealed class ConcernBench
{
    private const int MostStates = 8_000_000;
    private const int ManyStates = 1_000_000;
    private const int ShareOfMany = 16;
    private const int MostKnowledgeStates = 2_000_000;
    private const int Most = int.MaxValue;
    private readonly Encoding baseline;
    private readonly RunPool pool;
    private readonly IReadOnlyList<ulong> seeds;
    private readonly Func<int> threads;
    private readonly Func<string?> stop;
    private readonly Dictionary<string, CheckOutcome> checks = [];
    private KnowledgeOutcome? knowledge;
    private bool? hasManyStates;

    /// <summary>A bench for an encoding.</summary>
    /// <param name="encoding">What is decided about.</param>
    /// <param name="baseline">What simulations are compared with: exit and block.</param>
    /// <param name="seeds">Repetitions of a simulation.</param>
    /// <param name="threads">Threads for the next search, asked as it starts; they decide nothing.</param>
    /// <param name="stop">A reason to give up, or null.</param>
    public ConcernBench(Encoding encoding, Encoding baseline, IReadOnlyList<ulong> seeds, Func<int> threads, Func<string?> stop)
    {
        Encoding = encoding;
        this.baseline = baseline;
        this.seeds = seeds;
        this.threads = threads;
        this.stop = stop;
        pool = new(threads(), null, CancellationToken.None);
    }

    /// <summary>What is decided about.</summary>
    public Encoding Encoding { get; }

    /// <summary>What it may be compared with besides the baseline.</summary>
    public IReadOnlyList<Encoding> Rivals { get; init; } = [];

    /// <summary>Where the names of workloads are looked up.</summary>
    public WorkloadCatalog Workloads { get; init; } = WorkloadCatalog.BuiltIn;

    /// <summary>What simulations are compared with, as typed.</summary>
    public string Baseline => baseline.Description.FullName;

    /// <summary>Whether there is a reason to give up.</summary>
    internal bool IsStopped => stop() is not null;

    /// <summary>As typed.</summary>
    public string Name => Encoding.Description.FullName;

    /// <summary>Its description with the structures it extends.</summary>
    public UapiModel Uapi => UapiModel.Of(Encoding);

    /// <summary>What KVM can know.</summary>
    public KnowledgeOutcome Knowledge => knowledge ??= KnowledgeCheck.Run(Encoding, MostKnowledgeStates, () => stop() is not null);

    /// <summary>Every interleaving of an instance, or of the largest smaller machine that can be exhausted. An encoding with very many
    /// states is known by the instance <c>quick</c>; for it, less of the instance is looked at before smaller ones are. Ends at the first break.</summary>
    /// <param name="instance">Which.</param>
    /// <param name="mostStates">Where to give up.</param>
    public Explored Explore(CheckInstance instance, long mostStates = MostStates)
    {
        var most = HasManyStates ? mostStates / ShareOfMany : mostStates;
        var whole = Kept(instance, most, [], stopAtFirst: true);
        if (!whole.IsUndecided || stop() is not null)
        {
            return new(whole, null);
        }

        foreach (var (encoding, smaller) in SmallerMachines.Of(Encoding, instance))
        {
            var outcome = Search(encoding, smaller, most, [], stopAtFirst: true);
            if (!outcome.IsUndecided)
            {
                return new(outcome, whole);
            }
        }

        return new(whole, null);
    }

    /// <summary>Whether not even two vCPUs with one task each, over one frame, are exhausted within what most encodings need for all.</summary>
    private bool HasManyStates => hasManyStates ??= Check(CheckInstance.Quick, mostStates: ManyStates).IsUndecided;

    /// <summary>Every interleaving of just this instance.</summary>
    /// <param name="instance">Which.</param>
    /// <param name="shown">Sometimes-properties whose history is wanted.</param>
    /// <param name="mostStates">Where to give up.</param>
    public CheckOutcome Check(CheckInstance instance, IReadOnlyList<string>? shown = null, long mostStates = MostStates) =>
        Kept(instance, mostStates, shown ?? [], stopAtFirst: false);

    /// <summary>The same with another encoding: a pair of this one's versions, say. Nothing is kept.</summary>
    /// <param name="other">Which.</param>
    /// <param name="instance">The machine.</param>
    public CheckOutcome Check(Encoding other, CheckInstance instance) => Search(other, instance, MostStates, [], stopAtFirst: false);

    private CheckOutcome Kept(CheckInstance instance, long mostStates, IReadOnlyList<string> shown, bool stopAtFirst)
    {
        var key = $"{instance} {string.Join(',', instance.Modes)} {string.Join(',', shown)} {mostStates} {stopAtFirst}";
        return checks.TryGetValue(key, out var outcome) ? outcome : checks[key] = Search(Encoding, instance, mostStates, shown, stopAtFirst);
    }

    private CheckOutcome Search(Encoding encoding, CheckInstance instance, long mostStates, IReadOnlyList<string> shown, bool stopAtFirst)
    {
        ulong mask = 0;
        var properties = Checker.PropertiesOf(instance.Watched);
        for (var i = 0; i < properties.Count; i++)
        {
            mask |= shown.Contains(properties[i].Name) ? 1UL << i : 0;
        }

        return Checker.Run(encoding, instance, new() { Threads = threads(), MaxStates = mostStates, Liveness = true, StopAtFirst = stopAtFirst, Shown = mask, Stop = stop });
    }

    /// <summary>A value counted on a workload, with its interval; null if a run failed.</summary>
    /// <param name="workload">As typed.</param>
    /// <param name="value">What is counted.</param>
    public Summary? Measure(string workload, Func<RunResult, decimal> value) => SampleOf(Encoding, workload, Prices.Default, seeds)?.Summarise(value);

    /// <summary>How often something happens for each fault.</summary>
    public Summary? PerFault(string workload, Func<RunResult, long> count) => PerFault(Encoding, workload, count);

    /// <summary>How much faster than to exit and block; null if a run failed or did not finish.</summary>
    public Summary? Speedup(string workload) => Speedup(workload, Most);

    /// <summary>The same over the first seeds only, where a search asks often.</summary>
    internal Summary? Speedup(string workload, int repetitions) =>
        SpeedOf(new(Encoding, workload, Prices.Default), new(baseline, workload, Prices.Default), repetitions);

    /// <summary>How often something happens for each fault of an encoding, a rival say.</summary>
    internal Summary? PerFault(Encoding encoding, string workload, Func<RunResult, long> count) =>
        SampleOf(encoding, workload, Prices.Default, seeds)?.Summarise(r => r.Faults == 0 ? 0 : (decimal)count(r) / r.Faults);

    /// <summary>How much faster one side is than another, seed by seed.</summary>
    internal Summary? SpeedOf(ConcernSide side, ConcernSide other, int repetitions = Most)
    {
        IReadOnlyList<ulong> some = repetitions >= seeds.Count ? seeds : [.. seeds.Take(repetitions)];
        return stop() is null && SampleOf(side.Encoding, side.Workload, side.Costs, some) is { } sample && SampleOf(other.Encoding, other.Workload, other.Costs, some) is { } others
            ? sample.SpeedupOver(others)
            : null;
    }

    private Sample? SampleOf(Encoding encoding, string workload, PricedCosts costs, IReadOnlyList<ulong> some)
    {
        var planned = Workloads.Plan(workload);
        var variation = planned.At(planned.Predict, planned.CommonPolicy);
        RunJob[] jobs = [.. some.Select(seed => new RunJob(encoding, variation, costs, seed))];
        pool.Do(workload, jobs);
        var results = jobs.Select(job => pool.Of(job)?.Result).ToArray();
        return results.All(r => r is not null) ? new(results!) : null;
    }
}
