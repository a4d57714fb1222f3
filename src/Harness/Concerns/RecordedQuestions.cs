using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Statistics;

namespace UapiLab.Harness.Concerns;

/// <summary>The bench as a brought concern sees it: whatever it asks is evidence of the cell.</summary>
internal sealed class RecordedQuestions(ConcernBench bench) : IConcernBench
{
    private readonly List<Evidence> evidence = [];

    /// <summary>What was asked, in this order, each question once.</summary>
    public IReadOnlyList<Evidence> Evidence => evidence;

    public EncodingDescription Description
    {
        get
        {
            var description = bench.Encoding.Description;
            Add(new(FormattableString.Invariant($"its uAPI: {description.Ioctls.Count} ioctls, {description.Capabilities.Count} capabilities, {description.BitsPerGfn} bits per frame"), $"uapi {bench.Name} --size"));
            return description;
        }
    }

    public ExploredMachine Explore(string instance)
    {
        var explored = bench.Explore(Known(() => CheckInstance.Resolve(instance)));
        Add(ConcernWords.Checked(explored));
        var result = explored.Outcome.Result;
        return new(explored.Outcome.Instance.Name, result.IsExhausted, result.States, Names(PropertyVerdict.Broken), Names(PropertyVerdict.Seen));

        string[] Names(PropertyVerdict verdict) => [.. result.Properties.Where(p => p.Verdict == verdict).Select(p => p.Property.Name)];
    }

    public MeasuredValue? Measure(string workload, string metric)
    {
        var value = ValueOf(metric);
        return Simulated(workload, bench.Measure(Planned(workload), value), metric);
    }

    public MeasuredValue? PerFault(string workload, string metric)
    {
        var value = ValueOf(metric);
        return Simulated(workload, bench.Measure(Planned(workload), r => r.Faults == 0 ? 0 : value(r) / r.Faults), metric + " per fault");
    }

    public MeasuredValue? Speedup(string workload) => Simulated(workload, bench.Speedup(Planned(workload)), "speed against exit and block");

    private MeasuredValue? Simulated(string workload, Summary? value, string what)
    {
        Add(ConcernWords.Simulated(bench, workload, value, what));
        return value is { } v ? new(v.Mean, v.Low, v.High) : null;
    }

    private string Planned(string workload)
    {
        Known(() => bench.Workloads.Resolve(workload));
        return workload;
    }

    private static Func<Simulation.RunResult, decimal> ValueOf(string metric) => Metric.OfName(metric)?.Value
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

    private void Add(Evidence asked)
    {
        if (!evidence.Contains(asked))
        {
            evidence.Add(asked);
        }
    }
}
