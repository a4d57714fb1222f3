using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Simulation.Workloads.Catalog;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>The workloads that can be named (docs/workloads.md).</summary>
public sealed class WorkloadCatalog
{
    private WorkloadCatalog(IReadOnlyList<WorkloadFamily> all) => All = all;

    /// <summary>Those of the lab.</summary>
    public static WorkloadCatalog BuiltIn { get; } = new(
    [
        MixedThreads.Family,
        SnapshotResume.Family,
        PostCopy.Family,
        AllSync.Family,
        Mixed.Family,
        PrefetchRace.Family,
        Intercept.Family,
        ReArm.Family,
    ]);

    /// <summary>Every family, in the order in which they are listed.</summary>
    public IReadOnlyList<WorkloadFamily> All { get; }

    /// <summary>These and one more.</summary>
    /// <exception cref="InputException">Its id is taken, or what it says that it is cannot be resolved.</exception>
    public WorkloadCatalog With(IWorkload brought)
    {
        if (All.Any(f => f.Id == brought.Id))
        {
            throw new InputException(brought.Id, "two workloads are registered under this id, expected one");
        }

        return new(
            [.. All, new WorkloadFamily(brought.Id, brought.Summary,
            Create($"workload {brought.Id}, {brought.Spec}", brought.Spec).Parameters)]);
    }

    /// <summary>Makes the workload that <c>id</c> or <c>id:option=value,option=value</c> names. Commas inside
    /// parentheses belong to a value. Its <see cref="Workload.Name"/> resolves to an equal workload.</summary>
    /// <exception cref="InputException">The id or an option is unknown, or a value is malformed, out of range or at
    /// odds with another.</exception>
    public Workload Resolve(string spec) => Create(spec, spec);

    private SyntheticWorkload Create(string place, string spec)
    {
        var parsed = SpecText.Parse(spec);
        var family = All.FirstOrDefault(f => f.Id == parsed.Id)
            ?? throw Unknown.Word(place, "workload", parsed.Id, All.Select(f => f.Id).ToArray());
        return family.Create(place, parsed.Options);
    }
}
