namespace UapiLab.Live.Os;

/// <summary>Interrupts every CPU that runs a thread of this process, and waits for them.</summary>
internal static class Membarrier
{
    private const int Query = 0;
    private const int Expedited = 1 << 3; // MEMBARRIER_CMD_PRIVATE_EXPEDITED
    private const int Register = 1 << 4;

    public static bool IsThere =>
        Libc.Call(SystemCall.Membarrier, Query) is >= 0 and var known && (known & Expedited) != 0
        && Libc.Call(SystemCall.Membarrier, Register) == 0;

    public static void Interrupt() => Libc.Check(Libc.Call(SystemCall.Membarrier, Expedited), "membarrier");
}
