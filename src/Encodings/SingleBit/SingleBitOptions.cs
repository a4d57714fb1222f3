namespace UapiLab.Encodings.SingleBit;

/// <summary>Options of <c>single-bit</c>.</summary>
/// <param name="AsyncFaults">apf=on (default): start APFs. Off: KVM Userfault alone.</param>
/// <param name="Repaired">variant=repaired (default): without the defects of the series as posted.</param>
internal readonly record struct SingleBitOptions(bool AsyncFaults, bool Repaired)
{
    /// <summary>Whether a word per APF is kept.</summary>
    public bool KeepsLedger => AsyncFaults && Repaired;
}
