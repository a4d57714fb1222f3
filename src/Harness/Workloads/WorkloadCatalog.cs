namespace UapiLab.Harness.Workloads;

/// <summary>The workloads that can be named.</summary>
public static class WorkloadCatalog
{
    /// <summary>Every family, in the order in which they are listed.</summary>
    public static IReadOnlyList<WorkloadFamily> All { get; } = [];

    /// <summary>Makes the workload that <c>id</c> or <c>id:option=value,option=value</c> names. Commas inside
    /// parentheses belong to a value.</summary>
    /// <exception cref="InputException">The id or an option is unknown, or a value is malformed or out of range.</exception>
    public static Workload Resolve(string spec) => throw new NotImplementedException(spec);
}
