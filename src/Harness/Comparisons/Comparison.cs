using UapiLab.Harness.Foundation;

namespace UapiLab.Harness.Comparisons;

/// <summary>Compares encodings: validate the plan, run it, analyse the runs. What comes out is one report object;
/// writers make text of it.</summary>
public static class Comparison
{
    /// <summary>Runs a plan. The report is a function of the plan alone, unless it is cancelled.</summary>
    /// <param name="plan">What to compare.</param>
    /// <param name="progress">Told after every run, from any thread.</param>
    /// <param name="cancellation">Ends it early; the report then holds what was done.</param>
    /// <param name="first">Given the report as soon as its answer stands, and about how many runs are to come, if there
    /// are any: they change what it says of the ranges of costs.</param>
    /// <exception cref="InputException">The plan contradicts itself.</exception>
    public static ComparisonReport Run(
        ComparisonPlan plan, IProgress<ComparisonProgress>? progress = null, CancellationToken cancellation = default,
        Action<ComparisonReport, int>? first = null)
    {
        PlanCheck.Check(plan);
        var pool = PoolOf(plan, progress, cancellation);
        var comparison = new ComparisonRun(plan, pool);
        if (plan.Known.Count > 0)
        {
            var units = new ComparisonUnits(comparison);
            pool.Known = job => units.Of(job) is { } unit
                && plan.Known.GetValueOrDefault(unit)?.Runs.GetValueOrDefault(job.Key.ToString()) is { } known
                ? RunPool.OutcomeOf(known) : null;
        }

        var report = Empty(plan);
        foreach (var (phase, partsMeanSomething) in Phases(first, cancellation))
        {
            if (cancellation.IsCancellationRequested)
            {
                break;
            }

            try
            {
                var next = phase(report, comparison);
                report = partsMeanSomething || !cancellation.IsCancellationRequested ? next : report;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // What the phases before it found is worth more than nothing.
                pool.Failures.Add(new(e is InputException ? RunFailureKind.Input
                    : RunFailureKind.Internal, e is InputException ? e.Message : $"{e.GetType().Name}: {e.Message}"));
                break;
            }
        }

        return Ended(report, pool, cancellation);
    }

    /// <summary>What a comparison consists of, as far as the plan alone says it: each unit can be done anywhere, with
    /// <see cref="RunUnits"/>, and be brought to the others in <see cref="ComparisonPlan.Known"/>.</summary>
    /// <exception cref="InputException">The plan contradicts itself.</exception>
    public static IReadOnlyList<string> Units(ComparisonPlan plan)
    {
        PlanCheck.Check(plan);
        return new ComparisonUnits(new(plan, PoolOf(plan, null, CancellationToken.None))).Names;
    }

    /// <summary>Does some of the units, by number.</summary>
    /// <exception cref="InputException">The plan contradicts itself, or input is wrong.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static SortedDictionary<int, UnitResult> RunUnits(ComparisonPlan plan, Func<int, bool> takes,
        IProgress<ComparisonProgress>? progress, CancellationToken cancellation)
    {
        PlanCheck.Check(plan);
        var pool = PoolOf(plan, progress, cancellation);
        var comparison = new ComparisonRun(plan, pool);
        var units = new ComparisonUnits(comparison);
        pool.Takes = job => units.Of(job) is { } unit && takes(unit);
        Matrix.Run(comparison);
        pool.Do("the rest", units.Rest);
        PlannedEncoding[] asked = [.. Asked(plan).Where(e => takes(units.Of(e)))];
        var tells = AskAll(comparison, asked);
        cancellation.ThrowIfCancellationRequested();
        if (pool.Failures is [var failure, ..])
        {
            throw failure.Kind == RunFailureKind.Input ? new InputException("--shard", failure.Text)
                : new InvalidOperationException(failure.Text);
        }

        var results = new SortedDictionary<int, UnitResult>();
        foreach (var (key, outcome) in pool.Done)
        {
            var unit = units.Of(key)!.Value;
            results.TryAdd(unit, new() { Runs = new(StringComparer.Ordinal) });
            results[unit].Runs.Add(key.ToString(), new(outcome.Result, outcome.Failure?.Text ?? ""));
        }

        foreach (var (encoding, told) in asked.Zip(tells))
        {
            results.Add(units.Of(encoding), new() { Runs = new(StringComparer.Ordinal), Tells = told });
        }

        return results;
    }

    /// <summary>Encodings of which it is asked what KVM can tell.</summary>
    internal static IEnumerable<PlannedEncoding> Asked(ComparisonPlan plan) =>
        plan.Tells is null ? [] : plan.Encodings.Where(e => !e.IsReferencePoint);

    private static RunPool PoolOf(ComparisonPlan plan, IProgress<ComparisonProgress>? progress,
        CancellationToken cancellation) =>
        new(plan.Threads > 0 ? plan.Threads : Environment.ProcessorCount, progress, cancellation, plan.Remote);

    private static KvmTells?[] AskAll(ComparisonRun comparison, PlannedEncoding[] asked)
    {
        var units = comparison.Plan.Known.Count > 0 ? new ComparisonUnits(comparison) : null;
        return comparison.Pool.Ask("what KVM can tell", asked, (e, stop) =>
            units is not null && comparison.Plan.Known.TryGetValue(units.Of(e), out var known) ? known.Tells
                : comparison.Plan.Tells!(e.Encoding, stop));
    }

    private static ComparisonReport Ended(ComparisonReport report, RunPool pool, CancellationToken cancellation)
    {
        report = report with
        {
            Runs = pool.Runs,
            Incomplete = cancellation.IsCancellationRequested ? "interrupted: what was not reached is missing"
                : pool.Failures.Count > 0 ? "stopped by an error: what came after it is missing" : "",
            InputErrors = [.. pool.Failures.Where(f => f.Kind == RunFailureKind.Input).Select(f => f.Text).Distinct()],
            InternalErrors = [.. pool.Failures.Where(f => f.Kind == RunFailureKind.Internal).Select(f => f.Text)
                .Distinct()],
        };
        return report with { Answer = AnswerBuilder.Build(report) };
    }

    /// <summary>In the order in which a user would miss them if the rest were cut off.</summary>
    private static IEnumerable<(Func<ComparisonReport, ComparisonRun, ComparisonReport> Phase,
        bool PartsMeanSomething)> Phases(Action<ComparisonReport, int>? first, CancellationToken cancellation)
    {
        yield return (Compare, true);
        yield return (CheckClaims, true);
        yield return (AskWhatKvmTells, true);
        yield return ((report, comparison) => Show(report, comparison, first, cancellation), true);
        yield return ((report, comparison) => comparison.Plan.Sweep is { } sweep
            ? report with { Sweep = SweepPhase.Run(comparison, sweep) } : report, true);
        yield return ((report, comparison) => comparison.Plan.BreakEven is { } plan
            ? report with { BreakEven = BreakEvenPhase.Run(comparison, plan) } : report, false);
        yield return ((report, comparison) => report with { Stability = StabilityPhase.Run(comparison) }, false);
    }

    /// <summary>Shows it before what the answer does not wait for.</summary>
    private static ComparisonReport Show(ComparisonReport report, ComparisonRun comparison,
        Action<ComparisonReport, int>? first, CancellationToken cancellation)
    {
        var pool = comparison.Pool;
        var left = first is null || pool.Failures.Count > 0 ? 0
            : pool.Left(SweepPhase.Jobs(comparison).Concat(StabilityPhase.Jobs(comparison)));
        if (left > 0)
        {
            first!(Ended(report, pool, cancellation), left);
        }

        return report;
    }

    private static ComparisonReport Compare(ComparisonReport report, ComparisonRun comparison)
    {
        var matrix = Matrix.Run(comparison);
        var builder = new CellBuilder(comparison, matrix);
        report = report with { Cells = builder.Build(), PolicySearches = builder.BuildSearches() };
        return report with { Findings = FindingsBuilder.Build(report) };
    }

    private static ComparisonReport CheckClaims(ComparisonReport report, ComparisonRun comparison) => report with
    {
        Claims = ClaimPhase.Run(comparison, "claims", comparison.Plan.Claims),
        Expectations = ClaimPhase.Run(comparison, "expectations",
            [.. comparison.Plan.Expectations.Select(c => ("", c))]),
    };

    private static ComparisonReport AskWhatKvmTells(ComparisonReport report, ComparisonRun comparison)
    {
        if (comparison.Plan.Tells is null)
        {
            return report;
        }

        // The last ones tend to have the most states: they start first.
        PlannedEncoding[] asked = [.. Asked(comparison.Plan).Reverse()];
        var found = AskAll(comparison, asked);
        return report with
        {
            Tells = asked.Zip(found).Where(a => a.Second is not null)
                .ToDictionary(a => a.First.Name, a => a.Second!.Value),
        };
    }

    private static ComparisonReport Empty(ComparisonPlan plan) => new()
    {
        Command = plan.Command,
        Seed = plan.Seed,
        Seeds = plan.Seeds,
        Baseline = plan.Baseline,
        Oracle = plan.Oracle,
        Encodings =
            [.. plan.Encodings.Select(
                e => new EncodingEntry(e.Name, e.Encoding.Description, e.Options, e.ViolationsExpected, e.Note)
                {
                    OwnEvents = e.Encoding.OwnEvents,
                })],
        Workloads = [.. plan.Workloads.Select(w => new WorkloadEntry(w.Name, w.CommonPolicy.ToString(), w.Predict,
            w.Base.Config.Vcpus, w.Base.Config.TasksPerVcpu, w.Base.Config.Gfns, w.Notes))],
        Costs = plan.Costs,
        CostsOf = plan.CostsOf,
    };
}

/// <summary>Speed-ups along one parameter of a workload.</summary>
internal static class SweepPhase
{
    public static SweepResult Run(ComparisonRun comparison, SweepPlan plan)
    {
        comparison.Pool.Do("sweeping " + plan.Parameter, Jobs(comparison));
        return new(plan.Name, plan.Parameter, plan.Doc, [.. plan.Points.Select(p => p.Key)],
        [
            .. comparison.Plan.Encodings.Where(e => e != comparison.Baseline).Select(e => new SweepRow(e.Name,
                [.. plan.Points.Select(p => comparison.SampleOf(e,
                    At(p.Value))?.SpeedupOver(comparison.SampleOf(comparison.Baseline, At(p.Value))))])),
        ])
        {
            Bounds = plan.Bound is { } bound ? [.. plan.Points.Select(p => bound(p.Key))] : [],
            Published = plan.Published,
        };
    }

    /// <summary>What it takes; nothing without a sweep.</summary>
    public static IEnumerable<RunJob> Jobs(ComparisonRun comparison) =>
        from point in comparison.Plan.Sweep?.Points ?? []
        from encoding in comparison.Plan.Encodings
        from job in comparison.Jobs(encoding, At(point.Value))
        select job;

    private static Variation At(PlannedWorkload workload) => workload.At(workload.Predict, workload.CommonPolicy);
}
