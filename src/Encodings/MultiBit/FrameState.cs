using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>Values of a frame. With two bits the first four exist; every other value up to the field's maximum is
/// reserved and exits without an APF, so that an old KVM stays safe under a newer VMM.</summary>
internal static class FrameState
{
    /// <summary>KVM maps the page.</summary>
    public const ulong Present = 0;

    /// <summary>Exit; the vCPU thread will resolve it.</summary>
    public const ulong FaultSync = 1;

    /// <summary>Start an APF, then exit; it will take long.</summary>
    public const ulong FaultAsync = 2;

    /// <summary>Exit; a fetch is under way and ends soon. Its bits are those of both fault states together, so that a
    /// frame can be marked by only setting bits.</summary>
    public const ulong InFlight = FaultSync | FaultAsync;

    /// <summary>Reads are mapped, writes exit.</summary>
    public const ulong WriteOnly = 4;

    /// <summary>KVM_RUN fails with EHWPOISON.</summary>
    public const ulong Poison = 5;

    /// <summary>Exit for a purpose that is not paging.</summary>
    public const ulong Intercept = 6;

    /// <summary>Version 2: reads are mapped, the first write exits and says so. Reserved in version 1.</summary>
    public const ulong Tracked = 7;

    /// <summary>The values as macros.</summary>
    /// <param name="bits">Width of the field.</param>
    /// <param name="region">The region that holds them.</param>
    public static IReadOnlyList<ConstantSpec> Constants(int bits, string region) =>
    [
        .. from state in Meanings
           where state.Value < 1UL << bits
           select new ConstantSpec($"KVM_USERFAULT_STATE_{state.Name}", state.Value, region, state.Doc),
    ];

    private static IReadOnlyList<(string Name, ulong Value, string Doc)> Meanings =>
    [
        ("PRESENT", Present, "KVM maps the page."),
        ("FAULT_SYNC", FaultSync, "Exit; the vCPU thread resolves the fault."),
        ("FAULT_ASYNC", FaultAsync, "Start an APF, then exit."),
        ("IN_FLIGHT", InFlight, "Exit without an APF; the content arrives soon."),
        ("WRITE_ONLY", WriteOnly, "Reads are mapped, writes exit."),
        ("POISON", Poison, "KVM_RUN fails with EHWPOISON."),
        ("INTERCEPT", Intercept, "Exit for a purpose that is not paging."),
    ];

    /// <summary>Names by value, for a field of this width.</summary>
    public static IReadOnlyList<string> Names(int bits) => bits == 2
        ? ["present", "fault-sync", "fault-async", "in-flight"]
        : ["present", "fault-sync", "fault-async", "in-flight", "write-only", "poison", "intercept", "reserved"];
}
