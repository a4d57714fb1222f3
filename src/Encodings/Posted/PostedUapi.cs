using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>A uAPI as it was posted to a list or carried by a VMM at some time: data only, for <c>uapi --diff</c>.
/// Nothing of it runs.</summary>
public sealed class PostedUapi
{
    internal PostedUapi(string name, string source, EncodingDescription description, IReadOnlyList<RegionSpec> regions)
    {
        Name = name;
        Source = source;
        Description = description with { Origin = "KVM Userfault: " + source + "." };
        Regions = regions;
    }

    /// <summary>As typed on the command line; no encoding has it.</summary>
    public string Name { get; }

    /// <summary>Author, date and Message-ID, or the project that carries it.</summary>
    public string Source { get; }

    /// <summary>What it adds to linux/kvm.h.</summary>
    public EncodingDescription Description { get; }

    /// <summary>Memory that userspace shares with KVM.</summary>
    public IReadOnlyList<RegionSpec> Regions { get; }
}
