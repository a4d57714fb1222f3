using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Lab;

/// <summary>Everything that can be named on a command line: what is built in, and what plugins brought.</summary>
public sealed class LabCatalog
{
    private const int MostProperties = 64;

    /// <summary>These encodings, and otherwise what is built in.</summary>
    public LabCatalog(EncodingRegistry encodings)
        : this(encodings, WorkloadCatalog.BuiltIn, [], Concern.All)
    {
    }

    private LabCatalog(EncodingRegistry encodings, WorkloadCatalog workloads, IReadOnlyList<IProperty> properties,
        IReadOnlyList<IConcern> concerns)
    {
        Encodings = encodings;
        Workloads = workloads;
        Properties = properties;
        Concerns = concerns;
    }

    /// <summary>Encodings.</summary>
    public EncodingRegistry Encodings { get; }

    /// <summary>Workloads.</summary>
    public WorkloadCatalog Workloads { get; }

    /// <summary>Properties that a check asks about beside its own.</summary>
    public IReadOnlyList<IProperty> Properties { get; }

    /// <summary>Concerns: C1 to C17, and what was brought.</summary>
    public IReadOnlyList<IConcern> Concerns { get; }

    /// <summary>The same and a workload.</summary>
    /// <exception cref="InputException">Its id is taken or no identifier, or it is no workload.</exception>
    public LabCatalog With(IWorkload workload)
    {
        Identifiers.Check("workload", workload.Id);
        Identifiers.CheckLines(workload.Id, workload.Summary, workload.Spec);
        return new(Encodings, Workloads.With(workload), Properties, Concerns);
    }

    /// <summary>The same and a property.</summary>
    /// <exception cref="InputException">Its name is taken or no identifier, it watches nothing, or it could remember
    /// more than it is handed.</exception>
    public LabCatalog With(IProperty property)
    {
        Identifiers.Check("property", property.Name);
        Identifiers.CheckLines(property.Name, property.Doc);
        var type = property.GetType();
        if (Checker.PropertiesOf(Properties).Any(p => p.Name == property.Name))
        {
            throw new InputException(property.Name, "two properties are registered under this name, expected one");
        }

        if (Checker.PropertiesOf(Properties).Count == MostProperties)
        {
            throw new InputException(property.Name,
                Invariant($"expected at most {MostProperties - Checker.PropertiesOf([]).Count} properties beside the ")
                + Invariant($"checker's own"));
        }

        if (property.Watches.Count == 0)
        {
            throw new InputException(property.Name, "the property watches no event, expected one at least");
        }

        if (!type.IsSealed)
        {
            throw new InputException(property.Name, $"{TypeNames.Of(type)} is not sealed, expected a property to be");
        }

        return FieldRules.FirstFault(type) is { } fault
            ? throw new InputException(property.Name, fault
                + "; what a property remembers is in the word that it is handed")
            : new(Encodings, Workloads, [.. Properties, property], Concerns);
    }

    /// <summary>The same and a concern.</summary>
    /// <exception cref="InputException">Its id is taken.</exception>
    public LabCatalog With(IConcern concern)
    {
        Identifiers.CheckLines(concern.Id, concern.Title, concern.Question, concern.Source, concern.Method);
        return Concerns.Any(c => c.Id.Equals(concern.Id, StringComparison.OrdinalIgnoreCase))
            ? throw new InputException(concern.Id, "two concerns are registered under this id, expected one")
        : concern.Id.Length == 0 || !concern.Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? throw new InputException(concern.Id, "expected letters, digits and dashes for the id of a concern")
        : Encodings.Families.Any(f => f.Id.Equals(concern.Id, StringComparison.OrdinalIgnoreCase))
            ? throw new InputException(concern.Id, "an encoding has this id, expected another for the concern")
        : new(Encodings, Workloads, Properties, [.. Concerns, concern]);
    }
}
