using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Concerns.Recordings;
using UapiLab.Harness.Lab.Concerns.Sweeps;
using UapiLab.Harness.Lab.Misuse;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Harness.Uapi;

namespace UapiLab.Harness.Lab.Concerns;

/// <summary>What a concern may use to decide about one encoding: checks, what KVM can know, simulations, the uAPI.
/// Whatever two concerns ask for is done once.</summary>
public sealed class ConcernBench : IConcernBench
{
    private const int MostStates = 8_000_000;
    private const int ManyStates = 1_000_000;
    private const int ShareOfMany = 16;
    private const int MostKnowledgeStates = 2_000_000;
    private const int Most = int.MaxValue;
    private readonly Encoding _baseline;
    private readonly Lazy<RunPool> _pool;
    private readonly IReadOnlyList<ulong> _seeds;
    private readonly Func<int> _threads;
    private readonly Func<string?> _stop;
    private readonly Dictionary<string, CheckOutcome> _checks = [];
    private readonly List<Evidence> _asked = [];
    private KnowledgeOutcome? _knowledge;
    private MisuseReport? _misuse;
    private bool? _hasManyStates;

    /// <summary>A bench for an encoding.</summary>
    /// <param name="encoding">What is decided about.</param>
    /// <param name="baseline">What simulations are compared with: exit and block.</param>
    /// <param name="seeds">Repetitions of a simulation.</param>
    /// <param name="threads">Threads it may use now; they decide nothing.</param>
    /// <param name="stop">A reason to give up, or null.</param>
    public ConcernBench(Encoding encoding, Encoding baseline, IReadOnlyList<ulong> seeds, Func<int> threads,
        Func<string?> stop)
    {
        Encoding = encoding;
        this._baseline = baseline;
        this._seeds = seeds;
        this._threads = threads;
        this._stop = stop;
        _pool = new(() => new(threads(), null, Cancellation));
    }

    /// <summary>What is decided about.</summary>
    public Encoding Encoding { get; }

    /// <summary>What it may be compared with besides the baseline.</summary>
    public IReadOnlyList<Encoding> Rivals { get; init; } = [];

    /// <summary>Where the names of workloads are looked up.</summary>
    public WorkloadCatalog Workloads { get; init; } = WorkloadCatalog.BuiltIn;

    /// <summary>Ends a single simulation, which asks for no other reason to give up.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>What simulations are compared with, as typed.</summary>
    public string Baseline => _baseline.Description.FullName;

    /// <summary>Whether there is a reason to give up.</summary>
    internal bool IsStopped => _stop() is not null;

    /// <summary>As typed.</summary>
    public string Name => Encoding.Description.FullName;

    /// <summary>Its description with the structures it extends.</summary>
    public UapiModel Uapi => UapiModel.Of(Encoding);

    /// <summary>What KVM can know.</summary>
    public KnowledgeOutcome Knowledge =>
        _knowledge ??= KnowledgeCheck.Run(Encoding, MostKnowledgeStates, () => _stop() is not null);

    /// <summary>Which mistakes of a VMM it punishes.</summary>
    internal MisuseReport Misuse => _misuse ??= MisuseAnalysis.Run(Encoding, _threads(), _stop);

    /// <summary>Every interleaving of an instance, or of the largest smaller machine that can be exhausted. An encoding
    /// with very many states is known by the instance <c>quick</c>; for it, less of the instance is looked at before
    /// smaller ones are. Ends at the first break.</summary>
    /// <param name="instance">Which.</param>
    /// <param name="mostStates">Where to give up.</param>
    internal Explored Explore(CheckInstance instance, long mostStates = MostStates)
    {
        var most = HasManyStates ? mostStates / ShareOfMany : mostStates;
        var whole = Kept(instance, most, [], stopAtFirst: true);
        if (!whole.IsUndecided || _stop() is not null)
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

    /// <summary>Whether not even two vCPUs with one task each, over one frame, are exhausted within what most encodings
    /// need for all.</summary>
    private bool HasManyStates => _hasManyStates ??= Check(CheckInstance.Quick, mostStates: ManyStates).IsUndecided;

    /// <summary>Every interleaving of just this instance.</summary>
    /// <param name="instance">Which.</param>
    /// <param name="shown">Sometimes-properties whose history is wanted.</param>
    /// <param name="mostStates">Where to give up.</param>
    public CheckOutcome Check(CheckInstance instance, IReadOnlyList<string>? shown = null,
        long mostStates = MostStates) =>
        Kept(instance, mostStates, shown ?? [], stopAtFirst: false);

    /// <summary>The same with another encoding: a pair of this one's versions, say. Nothing is kept.</summary>
    /// <param name="other">Which.</param>
    /// <param name="instance">The machine.</param>
    public CheckOutcome Check(Encoding other, CheckInstance instance) =>
        Search(other, instance, MostStates, [], stopAtFirst: false);

    private CheckOutcome Kept(CheckInstance instance, long mostStates, IReadOnlyList<string> shown, bool stopAtFirst)
    {
        var key = $"{instance} {string.Join(',', instance.Modes)} {string.Join(',', shown)} {mostStates} {stopAtFirst}";
        return _checks.TryGetValue(key, out var outcome) ? outcome
            : _checks[key] = Search(Encoding, instance, mostStates, shown, stopAtFirst);
    }

    private CheckOutcome Search(Encoding encoding, CheckInstance instance, long mostStates, IReadOnlyList<string> shown,
        bool stopAtFirst)
    {
        var mask = Checker.PropertiesOf(instance.Watched).Bits(p => shown.Contains(p.Name));
        return Checker.Run(encoding, instance,
            new()
            {
                ThreadsNow = _threads,
                MaxStates = mostStates,
                Liveness = true,
                StopAtFirst = stopAtFirst,
                Shown = mask,
                Stop = _stop
            });
    }

    /// <summary>A value counted on a workload, with its interval; null if a run failed.</summary>
    /// <param name="workload">As typed.</param>
    /// <param name="value">What is counted.</param>
    public Summary? Measure(string workload, Func<RunResult, decimal> value) =>
        SampleOf(Encoding, workload, Prices.Default, _seeds)?.Summarise(value);

    /// <summary>How often something happens for each fault.</summary>
    public Summary? PerFault(string workload, Func<RunResult, long> count) => PerFault(Encoding, workload, count);

    /// <summary>How much faster than to exit and block; null if a run failed or did not finish.</summary>
    public Summary? Speedup(string workload) => Speedup(workload, Most);

    /// <summary>The same over the first seeds only, where a search asks often.</summary>
    internal Summary? Speedup(string workload, int repetitions) =>
        SpeedOf(new(Encoding, workload, Prices.Default), new(_baseline, workload, Prices.Default), repetitions);

    /// <summary>How often something happens for each fault of an encoding, a rival say.</summary>
    internal Summary? PerFault(Encoding encoding, string workload, Func<RunResult, long> count) =>
        SampleOf(encoding, workload, Prices.Default, _seeds)?.Summarise(r => r.Faults == 0 ? 0
            : (decimal)count(r) / r.Faults);

    /// <summary>How much faster one side is than another, seed by seed.</summary>
    internal Summary? SpeedOf(ConcernSide side, ConcernSide other, int repetitions = Most)
    {
        IReadOnlyList<ulong> some = repetitions >= _seeds.Count ? _seeds : [.. _seeds.Take(repetitions)];
        return _stop() is null && SampleOf(side.Encoding, side.Workload, side.Costs, some) is { } sample
            && SampleOf(other.Encoding, other.Workload, other.Costs, some) is { } others
            ? sample.SpeedupOver(others)
            : null;
    }

    /// <summary>A value counted on the recorded migration; null if a run failed.</summary>
    internal Summary? OnRecordedMigration(Func<RunResult, decimal> value) =>
        SampleOf(Encoding, RecordedMigration.Plan(), Prices.Default, _seeds)?.Summarise(value);

    private Sample? SampleOf(Encoding encoding, string workload, PricedCosts costs, IReadOnlyList<ulong> some) =>
        SampleOf(encoding, Workloads.Plan(workload), costs, some);

    private Sample? SampleOf(Encoding encoding, PlannedWorkload planned, PricedCosts costs, IReadOnlyList<ulong> some)
    {
        var variation = planned.At(planned.Predict, planned.CommonPolicy);
        RunJob[] jobs = [.. some.Select(seed => new RunJob(encoding, variation, costs, seed))];
        _pool.Value.Do(planned.Name, jobs);
        Cancellation.ThrowIfCancellationRequested();
        var results = jobs.Select(job => _pool.Value.Of(job)?.Result).ToArray();
        return results.All(r => r is not null) ? new(results!) : null;
    }

    /// <summary>Decides a concern; an encoding that breaks the contract is an answer, and what was given up is
    /// none.</summary>
    public ConcernCell Decide(IConcern concern)
    {
        try
        {
            var cell = concern is Concern own ? own.Decide(this) : Asked(concern);
            return _stop() is { } why ? GivenUp(concern, why) : cell;
        }
        catch (OperationCanceledException) when (Cancellation.IsCancellationRequested)
        {
            return GivenUp(concern, "interrupted");
        }
        catch (EncodingDefectException e)
        {
            return new(concern.Id, Name, ConcernVerdict.Broken, "breaks the contract",
                [new("breaks the contract: " + e.Message.ReplaceLineEndings(" "), $"check {Name}")]);
        }
    }

    private ConcernCell GivenUp(IConcern concern, string why) => new(concern.Id, Name, ConcernVerdict.NotDecided, why,
        [new(why, $"concerns {Name} {concern.Id} --explain")]);

    /// <summary>A plugin's concern: each question that it asks below is evidence, and an exception is one cell that
    /// says so; the encoding is not to blame.</summary>
    private ConcernCell Asked(IConcern concern)
    {
        _asked.Clear();
        var command = $"concerns {Name} {concern.Id} --explain";
        try
        {
            var (verdict, why) = concern.Decide(this);
            return _asked.Count > 0
                ? new(concern.Id, Name, verdict, CleanText.Printable(why), [.. _asked])
                : new(concern.Id, Name, ConcernVerdict.NotDecided, "nothing was asked of the bench",
                    [new("a verdict without evidence", command)]);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or EncodingDefectException))
        {
            var what = $"it threw {e.GetType().Name}: {CleanText.Printable(e.Message)}";
            return new(concern.Id, Name, ConcernVerdict.NotDecided, what, [new(what, command + " --fresh")]);
        }
    }

    EncodingDescription IConcernBench.Description
    {
        get
        {
            var description = Encoding.Description;
            var (ioctls, capabilities) = (description.Ioctls.Count, description.Capabilities.Count);
            Add(new(Invariant(
                $"its uAPI: {ioctls} ioctls, {capabilities} capabilities, {description.BitsPerGfn} bits per frame"),
                $"uapi {Name} --size"));
            return description;
        }
    }

    ExploredMachine IConcernBench.Explore(string instance)
    {
        var explored = Explore(Known(() => CheckInstance.Resolve(instance)));
        Add(ConcernWords.Checked(explored));
        var result = explored.Outcome.Result;
        return new(explored.Outcome.Instance.Name, result.IsExhausted, result.States,
            Names(PropertyVerdict.Broken), Names(PropertyVerdict.Seen));

        string[] Names(PropertyVerdict verdict) =>
            [.. result.Properties.Where(p => p.Verdict == verdict).Select(p => p.Property.Name)];
    }

    MeasuredValue? IConcernBench.Measure(string workload, string metric)
    {
        var value = ValueOf(metric);
        return Simulated(workload, Measure(Planned(workload), value), metric);
    }

    MeasuredValue? IConcernBench.PerFault(string workload, string metric)
    {
        var value = ValueOf(metric);
        return Simulated(workload, Measure(Planned(workload), r => r.Faults == 0 ? 0 : value(r) / r.Faults),
            metric + " per fault");
    }

    MeasuredValue? IConcernBench.Speedup(string workload) =>
        Simulated(workload, Speedup(Planned(workload)), "speed against exit and block");

    private MeasuredValue? Simulated(string workload, Summary? value, string what)
    {
        Add(ConcernWords.Simulated(this, workload, value, what));
        return value is { } v ? new(v.Mean, v.Low, v.High) : null;
    }

    private string Planned(string workload)
    {
        Known(() => Workloads.Resolve(workload));
        return workload;
    }

    private static Func<RunResult, decimal> ValueOf(string metric) => Metric.OfName(metric)?.Value
        ?? throw new ArgumentException(
            $"metric {metric}: expected one of {string.Join(", ", Metric.OfRun.Concat(Metric.Violations))}");

    private static T Known<T>(Func<T> resolve)
    {
        try
        {
            return resolve();
        }
        catch (InputException e)
        {
            throw new ArgumentException(e.Message, e);
        }
    }

    private void Add(Evidence question)
    {
        if (!_asked.Contains(question))
        {
            _asked.Add(question);
        }
    }
}

/// <summary>One side of a comparison: an encoding, a workload as typed, and what things cost.</summary>
internal readonly record struct ConcernSide(Encoding Encoding, string Workload, PricedCosts Costs);

/// <summary>What exploring an instance came to: all of it, or all of the largest smaller machine that could be
/// exhausted.</summary>
/// <param name="Outcome">What is decided.</param>
/// <param name="GivenUp">The search of the instance that was asked for, if it was too big; nothing was broken as far as
/// it went.</param>
internal sealed record Explored(CheckOutcome Outcome, CheckOutcome? GivenUp)
{
    /// <summary>A property is broken.</summary>
    public bool IsBroken => Outcome.IsBroken;

    /// <summary>Not even the smallest machine was exhausted.</summary>
    public bool IsUndecided => Outcome.IsUndecided;

    /// <summary>The machine, if it is not the one that was asked for: " (re-arm:vcpus=1)".</summary>
    public string Where => GivenUp is null ? "" : $" ({Outcome.Instance.Name})";
}
