using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi.Text;

/// <summary>Where the bits of a frame are and when they count, in words.</summary>
internal static class RegionText
{
    /// <summary>The words of frames that a field leads to; null if it leads to none.</summary>
    public static RegionSpec? Of(UapiModel model, FieldSpec field) => model.Regions.FirstOrDefault(r =>
        r.Scope == RegionScope.PerGfn && Names(field, r));

    /// <summary>Whether a field of the memslot leads to a region; several may share a name's beginning.</summary>
    public static bool Names(FieldSpec field, RegionSpec region) => field.Region.Length > 0
        ? field.Region == region.Name : region.Name.StartsWith(field.Name, StringComparison.Ordinal);

    /// <summary>Rules F8 and F9 of docs/model.md; notifications by address concern shared pages alone.</summary>
    public const string BesideGuestMemfd =
        "In a slot with KVM_MEM_GUEST_MEMFD it counts for the private page of a gfn as for the shared one, and an exit "
        + "for a private access has KVM_MEMORY_EXIT_FLAG_PRIVATE too. The mapping of a private page goes with "
        + "FALLOC_FL_PUNCH_HOLE or a change of the gfn's memory attributes, and not with MADV_DONTNEED.";

    /// <summary>Rule M5.</summary>
    /// <param name="flag">The flag of the memslot that makes KVM look.</param>
    public static string TakesEffect(string flag) =>
        "KVM looks at it where it handles a fault in the slot. What it says of a gfn that is mapped already has no "
        + "effect until the mapping is gone: after MADV_DONTNEED of the page, or after an update of the memslot that "
        + $"sets {flag} where it was not set.";

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
