using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Lab.Published;

/// <summary>What is fitted to one row: one cost, or the factor by which one host is faster or slower than the table of
/// costs.</summary>
/// <param name="Vcpus">The row.</param>
/// <param name="Cost">The cost; null for the factor on all of them.</param>
public sealed record PublishedFit(int Vcpus, Cost? Cost);

/// <summary>How one published series is reproduced.</summary>
/// <param name="Table">Its publication.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Encoding">What signals the faults; null if nothing is intercepted, and KVM maps what it finds.</param>
/// <param name="Workload">What runs, for a number of vCPUs.</param>
/// <param name="IsPerVcpu">Whether its figures are for each vCPU.</param>
/// <param name="Fits">What is fitted, in this order.</param>
public sealed record PublishedSeries(
    string Table, string Name, Encoding? Encoding, Func<int, Workload> Workload, bool IsPerVcpu,
        IReadOnlyList<PublishedFit> Fits)
{
    /// <summary>Costs whose fitted values hold for the series that follow, of other tables too; the others hold for
    /// their own only.</summary>
    public IReadOnlyList<Cost> HandsOn { get; init; } = [];

    /// <summary>Whether its fitted factor holds for the series of its table that follow.</summary>
    public bool SetsHost { get; init; }
}
