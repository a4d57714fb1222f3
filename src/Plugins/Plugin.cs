using UapiLab.Abstractions;

namespace UapiLab.Plugins;

/// <summary>What comes from outside this repository.</summary>
/// <param name="Path">As the user named it, or the file of a folder that was named.</param>
/// <param name="Sha256">Of the file, so that a report can say what was run.</param>
/// <param name="Families">Its encodings.</param>
internal sealed record Plugin(string Path, string Sha256, IReadOnlyList<IEncodingFamily> Families)
{
    /// <summary>Its workloads.</summary>
    public IReadOnlyList<IWorkload> Workloads { get; init; } = [];

    /// <summary>Its properties.</summary>
    public IReadOnlyList<IProperty> Properties { get; init; } = [];

    /// <summary>Its concerns.</summary>
    public IReadOnlyList<IConcern> Concerns { get; init; } = [];
}
