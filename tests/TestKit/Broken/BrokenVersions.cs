using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Second versions that are wrong on purpose, and the control. But for the last, each half is right with its
/// own version beside it: what is wrong shows only where two versions meet.</summary>
public static class BrokenVersions
{
    /// <summary>Right: refused where it is unknown, off where nobody asked.</summary>
    public static IEncodingFamily Control => Skew("skew-control", "Version 2 tracks writes; right.", new());

    /// <summary>An old VMM's padding is taken for a pointer to a bitmap.</summary>
    public static IEncodingFamily ReadsGarbage =>
        Skew("skew-reads-garbage", "The new bitmap is looked at whether or not userspace said that there is one.",
            new(IsGated: false));

    /// <summary>A new VMM believes in what an old KVM has never heard of.</summary>
    public static IEncodingFamily DoesNotNegotiate =>
        Skew("skew-not-negotiated", "The VMM does not look at KVM's answer.", new(Negotiates: false));

    /// <summary>The same, and the VMM cannot know.</summary>
    public static IEncodingFamily IgnoresUnknown =>
        Skew("skew-ignores-unknown", "KVM of version 1 returns 0 for a capability that it does not know.",
            new(RefusesUnknown: false));

    /// <summary>Wrong by itself: between the two steps another vCPU writes without an exit.</summary>
    public static IEncodingFamily NotesLate =>
        Skew("skew-notes-late", "The bit is cleared before the write is noted.", new(NotesFirst: false));

    private static BrokenFamily Skew(string id, string summary, SkewFault fault) =>
        new(id, summary, (theId, theSummary, _) => new SkewEncoding(theId, theSummary, fault));
}
