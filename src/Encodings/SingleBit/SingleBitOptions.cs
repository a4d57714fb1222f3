namespace UapiLab.Encodings.SingleBit;

/// <summary>Options of <c>single-bit</c>.</summary>
/// <param name="AsyncFaults">apf=on (default): start APFs. Off: KVM Userfault alone.</param>
/// <param name="Repaired">variant=repaired (default): without the defects of the series as posted.</param>
/// <param name="OwnsItems">variant=as-posted-items: with what the series does with the memory of its items,
/// too.</param>
internal readonly record struct SingleBitOptions(bool AsyncFaults, bool Repaired, bool OwnsItems = false)
{
    /// <summary>Whether APFs are started by code that is repaired: it keeps a word per APF, and starts none before
    /// userspace has enabled the capability.</summary>
    public bool KeepsLedger => AsyncFaults && Repaired;
}
