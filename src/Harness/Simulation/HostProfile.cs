using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation;

/// <summary>A kind of host, by what differs from the default table. All of it is in the rows below; docs/costs.md shows
/// them.</summary>
public sealed class HostProfile
{
    private static readonly CostEntry s_window = Exit(Cost.IrqWindow,
        "kvm_check_and_inject_events asks for it (enable_irq_window); an exit like vmExit");

    private static readonly CostEntry s_eoi = Exit(Cost.Eoi, "a write to the APIC; an exit like vmExit");

    private HostProfile(string id, string summary, params IReadOnlyList<CostEntry> differs)
    {
        Id = id;
        Summary = summary;
        Differs = differs;
        Costs = new(CostTable.Default.Entries.Select(e => differs.FirstOrDefault(d => d.Kind == e.Kind) ?? e)
            .ToArray());
    }

    /// <summary>Every profile, the default first.</summary>
    public static IReadOnlyList<HostProfile> All { get; } =
    [
        new("current", "APICv, which kvm_intel uses by default, or AVIC, which kvm_amd uses by default on Zen 4 and "
            + "later (avic_want_avic_enabled, since 6.18); halt polling as KVM sets it"),
        new("no-apicv", "no APICv or AVIC, as on AMD by default before that; the guest has PV EOI "
            + "(KVM_FEATURE_PV_EOI), with which an EOI "
            + "exits only if another interrupt waits (apic_sync_pv_eoi_to_guest)", s_window),
        new("no-pv-eoi", "the same without PV EOI: each EOI exits", s_window, s_eoi),
        new("no-halt-poll", "as `current`, and no halt polling: halt_poll_ns=0 or a guest that polls itself",
            NoPolling()),
        new("every-exit", "neither APICv nor PV EOI nor halt polling, which the lab took every host to be before 0.2.0",
            s_window, s_eoi, NoPolling()),
    ];

    /// <summary>What a server of today does.</summary>
    public static HostProfile Default => All[0];

    /// <summary>As the command line names it.</summary>
    public string Id { get; }

    /// <summary>What such a host is, without a full stop.</summary>
    public string Summary { get; }

    /// <summary>Entries that replace those of <see cref="CostTable.Default"/>.</summary>
    public IReadOnlyList<CostEntry> Differs { get; }

    /// <summary>Its whole table.</summary>
    public CostTable Costs { get; }

    /// <summary>The profile of a name.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static HostProfile Named(string id) => All.FirstOrDefault(p => p.Id == id)
        ?? throw Unknown.Word($"--host {id}", "host", id, [.. All.Select(p => p.Id)]);

    private static CostEntry Exit(Cost kind, string why) =>
        CostTable.Default[Cost.VmExit] with { Kind = kind, Source = why };

    private static CostEntry NoPolling() =>
        new(Cost.HaltPoll, 0, 0, 0, CostOrigin.Published, "Documentation/virt/kvm/halt-polling.rst");
}
