namespace UapiLab.Harness.Conformance;

/// <summary>The kinds that are explained one by one, with the names a kernel gives them.</summary>
internal static class StrictKinds
{
    public static IReadOnlyList<(RecordedKind Kind, string Name)> Names { get; } =
    [
        (RecordedKind.Entry, "kvm_entry"), (RecordedKind.Exit, "kvm_exit"), (RecordedKind.PageFault, "kvm_page_fault"),
        (RecordedKind.TryAsync, "kvm_try_async_get_page"), (RecordedKind.NotPresent, "kvm_async_pf_not_present"),
        (RecordedKind.RepeatedFault, "kvm_async_pf_repeated_fault"), (RecordedKind.Completed, "kvm_async_pf_completed"),
        (RecordedKind.Ready, "kvm_async_pf_ready"), (RecordedKind.InjectException, "kvm_inj_exception"),
        (RecordedKind.InjectInterrupt, "kvm_inj_virq"), (RecordedKind.AcceptInterrupt, "kvm_apic_accept_irq"),
        (RecordedKind.Eoi, "kvm_eoi"), (RecordedKind.Msr, "kvm_msr"), (RecordedKind.UserspaceExit, "kvm_userspace_exit"),
        (RecordedKind.Wakeup, "kvm_vcpu_wakeup"),
    ];
}
