namespace UapiLab.Harness.Workloads;

/// <summary>One option of a workload family.</summary>
/// <param name="Name">As written in <c>id:name=value</c>.</param>
/// <param name="Default">The value when it is not given, as one would type it.</param>
/// <param name="Doc">What it means, with its unit and range.</param>
public sealed record WorkloadOption(string Name, string Default, string Doc);
