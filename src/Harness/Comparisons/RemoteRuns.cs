using UapiLab.Abstractions;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Comparisons;

/// <summary>Somewhere else to run encodings that this process had better not run itself.</summary>
public interface IRemoteRuns
{
    /// <summary>Whether runs of this encoding are done there.</summary>
    bool Takes(Encoding encoding);

    /// <summary>Does one run. For one encoding it is called from one thread at a time, in the order of the jobs, so
    /// that what follows a failure does not depend on threads.</summary>
    RemoteOutcome Run(RunOrder order);
}

/// <summary>One run, in words that mean the same in another process.</summary>
/// <param name="Encoding">Full name of the encoding.</param>
/// <param name="Workload">Workload, policy and accuracy of prediction.</param>
/// <param name="CostsNs">Value of every cost, in the order of the table.</param>
/// <param name="Seed">Seed.</param>
public sealed record RunOrder(string Encoding, VariationKey Workload, IReadOnlyList<long> CostsNs, ulong Seed);

/// <summary>What became of it.</summary>
/// <param name="Result">Null if there is none.</param>
/// <param name="Defect">What the encoding did instead; empty if nothing.</param>
/// <param name="IsStuck">Whether the run came to no end and was stopped by force: its process is good for nothing
/// else.</param>
public sealed record RemoteOutcome(RunResult? Result, string Defect, bool IsStuck = false);

/// <summary>The other end of <see cref="IRemoteRuns"/>: carries out orders for one encoding.</summary>
/// <param name="encoding">The encoding.</param>
/// <param name="workloads">Workloads by name.</param>
/// <param name="named">Workloads that cannot be made from their name, because they come from a file.</param>
/// <param name="costs">The table whose values the orders replace.</param>
public sealed class RunOrders(Encoding encoding, WorkloadCatalog workloads, IReadOnlyList<PlannedWorkload> named,
    CostTable costs)
{
    /// <summary>Simulates what an order says.</summary>
    public RunResult Run(RunOrder order)
    {
        var prices = costs.Entries.Zip(order.CostsNs).Where(p => p.First.Ns != p.Second)
            .Aggregate(costs, (table, p) => table.With(p.First.Kind, p.Second));
        using var simulator = new Simulator(encoding, Workload(order.Workload), prices, order.Seed);
        return simulator.Run();
    }

    internal static RunOrder Of(RunJob job) =>
        new(job.Encoding.Description.FullName, job.Workload.Key, [.. job.Costs.Table.Entries.Select(e => e.Ns)],
            job.Seed);

    private Workload Workload(VariationKey key) =>
        (named.FirstOrDefault(w => w.Name == key.Workload) ?? workloads.Plan(key.Workload))
            .At(key.Predict, key.Policy).Workload;
}
