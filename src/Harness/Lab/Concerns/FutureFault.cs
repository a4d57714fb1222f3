using UapiLab.Abstractions;

namespace UapiLab.Harness.Lab.Concerns;

/// <summary>Another kind of fault that userspace may want one day, and what it asks of the state per gfn.</summary>
/// <param name="Name">In a few words.</param>
/// <param name="Added">How many further values a gfn's state needs, given how many have a meaning today.</param>
/// <param name="Why">Where the number comes from.</param>
internal sealed record FutureFault(string Name, Func<int, int> Added, string Why)
{
    /// <summary>Every one, in the order in which they are told. First-write tracking is built, as version 2; the others
    /// are held against the description alone.</summary>
    public static IReadOnlyList<FutureFault> All { get; } =
    [
        new("first-write tracking", _ => 1, "present, and the first write exits"),
        new("R/W/X", _ => 6,
            "reads, writes and execution each exit or not: 8 values, of which none and all are there already; "
                + "KVM_MEMORY_ATTRIBUTE_PRIVATE is bit 3, which leaves 0 to 2 for them"),
        new("poison", _ => 1, "an access fails instead of waiting, as after UFFDIO_POISON"),
        new("private/shared", used => used,
            "each value once for either view of a gfn; KVM_MEMORY_ATTRIBUTE_PRIVATE says it outside today"),
    ];

    /// <summary>What a state per gfn means for mappings of 2 MiB: said of each encoding, and in no verdict, since it is
    /// the same for all that have one.</summary>
    public static string LargeFolios(Encoding encoding)
    {
        const int Gfns = 512;
        var words = encoding.Regions
            .Where(r => r is { Owner: RegionOwner.Shared, Scope: RegionScope.PerGfn })
            .Sum(r => Gfns * r.Count / r.WordBits);
        return Invariant($"large folios: {Gfns} gfns of 2 MiB are {words} words that userspace changes one at a time; ")
            + "KVM maps 4 KiB each while the flag is on";
    }

    /// <summary>Whether it fits in the values that are left.</summary>
    public bool Fits(EncodingDescription description, int used) =>
        used + Added(used) <= 1L << Math.Min(description.BitsPerGfn, 32);
}
