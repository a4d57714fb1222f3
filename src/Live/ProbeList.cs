using UapiLab.Harness.Machines;
using UapiLab.Live.Probes;

namespace UapiLab.Live;

/// <summary>Every probe, and every price that has none.</summary>
internal static class ProbeList
{
    private const string OfGuest = "what a guest's kernel does; the guest of a probe has none";

    public static IReadOnlyList<Probe> All { get; } =
    [
        ThreadProbes.SystemCalls, MemoryProbes.Words, MemoryProbes.Line, MemoryProbes.Walk, MemoryProbes.Discard,
        ThreadProbes.Wake, ThreadProbes.Switch, ThreadProbes.Kick, ThreadProbes.Book, ThreadProbes.HaltPoll,
        UserfaultfdProbes.Place, UserfaultfdProbes.Lock, UserfaultfdProbes.Spinners,
        KvmProbes.Exit, KvmProbes.Pio, KvmProbes.Fault, KvmProbes.Memslot, KvmProbes.Eoi, KvmProbes.Window,
        KvmProbes.NotPresent,
        KvmCount.Mmio, KvmCount.ImmediateExit, KvmCount.Discard, KvmCount.Injection, KvmCount.Halt,
        KvmCount.HaltPolling, KvmCount.Apf,
    ];

    /// <summary>Why nothing measures a price.</summary>
    public static IReadOnlyDictionary<Cost, string> Unprobed { get; } = new Dictionary<Cost, string>
    {
        [Cost.GuestFaultHandler] = OfGuest,
        [Cost.ReadyInterrupt] = OfGuest,
        [Cost.SmallPages] = "it depends on what the guest computes",
        [Cost.MapContention] = "no probe: it takes many vCPUs",
    };
}
