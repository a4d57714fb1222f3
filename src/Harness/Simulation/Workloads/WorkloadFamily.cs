using UapiLab.Harness.Foundation.Specs;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>Workloads of one kind, told apart by options.</summary>
public sealed class WorkloadFamily
{
    private readonly SyntheticParameters _defaults;

    /// <summary>Makes a family out of defaults; the options are those of every family.</summary>
    internal WorkloadFamily(string id, string summary, SyntheticParameters defaults)
    {
        Id = id;
        Summary = summary;
        _defaults = defaults;
        Options = SyntheticOptions.All.Select(o => new WorkloadOption(o.Name, o.Write(defaults), o.Doc)).ToArray();
    }

    /// <summary>Identifier for the command line: lower case, digits and dashes.</summary>
    public string Id { get; }

    /// <summary>One line for <c>list</c>.</summary>
    public string Summary { get; }

    /// <summary>Every option it takes, in the order in which a workload's name holds them.</summary>
    public IReadOnlyList<WorkloadOption> Options { get; }

    /// <summary>The workload with every option at its default.</summary>
    internal SyntheticWorkload Default => new(Id, _defaults);

    /// <summary>Makes the workload for options that were taken apart already.</summary>
    internal SyntheticWorkload Create(string place, IReadOnlyList<KeyValuePair<string, string>> options)
    {
        var parameters = ParameterOption<SyntheticParameters>.Apply(SyntheticOptions.All, Id, place, _defaults,
            options);
        SyntheticLimits.Check(place, parameters);
        return new(NameOf(parameters), parameters);
    }

    /// <summary>What to type for these parameters: the id and the options that differ from the defaults.</summary>
    internal string NameOf(SyntheticParameters parameters) =>
        new SpecText(Id, ParameterOption<SyntheticParameters>.Changed(SyntheticOptions.All, _defaults, parameters))
            .ToString();
}

/// <summary>One option of a workload family.</summary>
/// <param name="Name">As written in <c>id:name=value</c>.</param>
/// <param name="Default">The value when it is not given, as one would type it.</param>
/// <param name="Doc">What it means, with its unit and range.</param>
public sealed record WorkloadOption(string Name, string Default, string Doc);
