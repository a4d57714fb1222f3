using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>Version 2 of an encoding: it tells the VMM of the first write to a frame, a fault with a purpose other than
/// paging. Version 1 stays as it is underneath.</summary>
/// <param name="first">Version 1.</param>
internal abstract class SecondVersion(Encoding first) : Encoding
{
    public sealed override IReadOnlyList<Encoding> Versions => first.Versions;

    public sealed override Encoding? BuildsOn => first.BuildsOn;

    /// <summary>How many regions version 1 has; those of version 2 follow.</summary>
    protected int FirstRegions => first.Regions.Count;

    protected IReadOnlyList<RegionSpec> After(IReadOnlyList<RegionSpec> added) => [.. first.Regions, .. added];

    /// <summary>Version 1's description with what every version 2 has.</summary>
    protected EncodingDescription Describe(string capability, string bit, string exitFlag, int exitBit)
    {
        EncodingDescription before = first.Description;
        bool hasEnableCap = before.Ioctls.Any(i => i.Number == VcpuCapability.EnableCap);
        return before with
        {
            Version = 2,
            FullName = before.FullName + (before.FullName.Contains(':', StringComparison.Ordinal) ? "," : ":")
                + "version=v2",
            Origin = before.Origin + " Version 2 (write tracking) is ours, never posted.",
            Traits = before.Traits | EncodingTraits.NeverPosted,
            Capabilities = [.. before.Capabilities, TrackingCapability.Spec(capability)],
            Flags = [.. before.Flags,
                new(exitFlag, UserfaultUapi.ExitFlagsField, exitBit, bit) { Capability = TrackingCapability.Name,
                OptIn = TrackingCapability.Name }],
            Ioctls = hasEnableCap ? before.Ioctls : [.. before.Ioctls, TrackingCapability.Ioctl],
            Structs = hasEnableCap ? before.Structs : [.. before.Structs, LinuxKvm.EnableCap],
        };
    }
}
