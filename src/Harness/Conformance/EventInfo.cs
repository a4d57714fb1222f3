namespace UapiLab.Harness.Conformance;

/// <summary>The event information word of VMX and SVM: bits 0-7 vector, 8-10 type, 31 valid.</summary>
/// <remarks>Where bit 31 is clear in an exit, the word says nothing on real hardware; the emulated processor of the
/// recordings leaves the last injected event there, without the bit.</remarks>
internal static class EventInfo
{
    private const uint Valid = 1u << 31;
    private const uint HardwareException = 3;
    private const uint PageFaultVector = 14;

    /// <summary>What an entry takes into the guest.</summary>
    public static Announced Of(uint word, ulong readyVector)
    {
        if ((word & Valid) == 0)
        {
            return Announced.Nothing;
        }

        if (Type(word) == HardwareException && Vector(word) == PageFaultVector)
        {
            return Announced.NotPresent;
        }

        return Type(word) == 0 && Vector(word) == readyVector ? Announced.ReadyInterrupt : Announced.Another;
    }

    /// <summary>Whether an exit interrupted the delivery of an event, which KVM then injects again.</summary>
    public static bool IsInterruptedDelivery(uint word) => (word & Valid) != 0;

    /// <summary>Whether the word names a #PF, valid or left over.</summary>
    public static bool NamesPageFault(uint word) => Type(word) == HardwareException && Vector(word) == PageFaultVector;

    private static uint Type(uint word) => (word >> 8) & 7;

    private static uint Vector(uint word) => word & 0xff;
}
