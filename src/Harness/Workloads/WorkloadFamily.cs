namespace UapiLab.Harness.Workloads;

/// <summary>One option of a workload family.</summary>
/// <param name="Name">As written in <c>id:name=value</c>.</param>
/// <param name="Default">The value when it is not given, as one would type it.</param>
/// <param name="Doc">What it means, with its unit and range.</param>
public sealed record WorkloadOption(string Name, string Default, string Doc);

/// <summary>Workloads of one kind, told apart by options.</summary>
public sealed class WorkloadFamily
{
    internal WorkloadFamily(string id, string summary)
    {
        Id = id;
        Summary = summary;
        Options = [];
    }

    /// <summary>Identifier for the command line: lower case, digits and dashes.</summary>
    public string Id { get; }

    /// <summary>One line for <c>list</c>.</summary>
    public string Summary { get; }

    /// <summary>Every option it takes, in the order in which a workload's name holds them.</summary>
    public IReadOnlyList<WorkloadOption> Options { get; }
}
