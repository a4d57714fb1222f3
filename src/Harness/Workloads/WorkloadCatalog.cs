using UapiLab.Harness.Specs;
using UapiLab.Harness.Workloads.Catalog;

namespace UapiLab.Harness.Workloads;

/// <summary>The workloads that can be named (docs/workloads.md).</summary>
public static class WorkloadCatalog
{
    /// <summary>Every family, in the order in which they are listed.</summary>
    public static IReadOnlyList<WorkloadFamily> All { get; } =
    [
        MixedThreads.Family,
        SnapshotResume.Family,
        PostCopy.Family,
        AllSync.Family,
        Mixed.Family,
        PrefetchRace.Family,
        Intercept.Family,
        ReArm.Family,
    ];

    /// <summary>Makes the workload that <c>id</c> or <c>id:option=value,option=value</c> names. Commas inside
    /// parentheses belong to a value. Its <see cref="Workload.Name"/> resolves to an equal workload.</summary>
    /// <exception cref="InputException">The id or an option is unknown, or a value is malformed, out of range or at odds
    /// with another.</exception>
    public static Workload Resolve(string spec)
    {
        var parsed = SpecText.Parse(spec);
        var family = All.FirstOrDefault(f => f.Id == parsed.Id)
            ?? throw Unknown.Word(spec, "workload", parsed.Id, All.Select(f => f.Id).ToArray());
        return family.Create(spec, parsed.Options);
    }
}
