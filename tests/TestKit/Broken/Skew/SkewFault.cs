namespace UapiLab.TestKit.Broken;

/// <summary>What is wrong with the two versions of an encoding. The default is right: the control.</summary>
/// <param name="RefusesUnknown">False: KVM of version 1 returns 0 for a capability that it does not know.</param>
/// <param name="IsGated">False: KVM of version 2 looks at the new bitmap whether or not userspace has said that there
/// is one; in an old VMM's structure the pointer is padding that nobody has ever checked.</param>
/// <param name="Negotiates">False: the VMM of version 2 does not look at what KVM said to the capability.</param>
/// <param name="NotesFirst">False: the VMM clears the frame's bit before it has noted the write.</param>
internal sealed record SkewFault(bool RefusesUnknown = true, bool IsGated = true, bool Negotiates = true,
    bool NotesFirst = true);
