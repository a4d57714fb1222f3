using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi.Text;

/// <summary>Where the bits of a frame are, in words.</summary>
internal static class RegionText
{
    public static string Addressing(RegionSpec region)
    {
        var perWord = region.WordBits / region.Count;
        return (perWord, region.Count) switch
        {
            (1, _) => Invariant($"Gfn n of the slot has word n of {region.WordBits} bits to itself."),
            (_, 1) => Invariant(
                $"Gfn n of the slot is bit n % {perWord} of the {region.WordBits}-bit word n / {perWord}."),
            _ => Invariant(
                $"Gfn n of the slot has the {region.Count} bits from bit n % {perWord} * {region.Count} of the ")
                + Invariant($"{region.WordBits}-bit word n / {perWord}."),
        };
    }
}
