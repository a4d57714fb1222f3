using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>The uAPI of an encoding as data: what it says of itself, and its regions.</summary>
/// <param name="Description">Structures, ioctls, flags, capabilities, constants.</param>
/// <param name="Regions">Shared and private memory.</param>
public sealed record UapiModel(EncodingDescription Description, IReadOnlyList<RegionSpec> Regions)
{
    /// <summary>The name under which linux/kvm.h without any encoding can be compared with.</summary>
    public const string UpstreamName = "upstream";

    /// <summary>linux/kvm.h without any encoding: the structures that encodings extend.</summary>
    public static UapiModel Upstream { get; } = new(
        new()
        {
            Id = UpstreamName,
            FullName = UpstreamName,
            Summary = "linux/kvm.h without any encoding.",
            Origin = "Mainline, v6.18.",
            BitsPerGfn = 0,
            Structs = LinuxKvm.Structs,
        },
        []);

    /// <summary>Everything an encoding has.</summary>
    public static UapiModel Of(Encoding encoding) => new(encoding.Description, encoding.Regions);

    /// <summary>The structure of linux/kvm.h of that name, or null if the encoding brings it.</summary>
    public static StructSpec? Existing(string name) => LinuxKvm.Structs.FirstOrDefault(s => s.Name == name);

    /// <summary>The structure of that name, or null.</summary>
    public StructSpec? Find(string name) => Description.Structs.FirstOrDefault(s => s.Name == name);
}
