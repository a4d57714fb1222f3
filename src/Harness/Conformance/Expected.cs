namespace UapiLab.Harness.Conformance;

/// <summary>An event that the machine has emitted and the trace has not shown yet.</summary>
/// <param name="Kind">What.</param>
/// <param name="Gfn">Page, where it has one.</param>
/// <param name="Value">Token or vector.</param>
internal readonly record struct Expected(RecordedKind Kind, ulong Gfn, ulong Value)
{
    public override string ToString() => Kind switch
    {
        RecordedKind.NotPresent => Invariant($"kvm_async_pf_not_present: token 0x{Value:x} for gfn 0x{Gfn:x}"),
        RecordedKind.RepeatedFault => Invariant($"kvm_async_pf_repeated_fault for gfn 0x{Gfn:x}"),
        RecordedKind.AcceptInterrupt => Invariant($"kvm_apic_accept_irq: vec {Value}"),
        RecordedKind.UserspaceExit => Invariant($"kvm_userspace_exit: a memory fault for gfn 0x{Gfn:x}"),
        _ => Kind.ToString(),
    };
}
