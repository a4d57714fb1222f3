using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>What the rest of the host relies on, whatever userspace does (docs/contract.md; concern C16).</summary>
internal sealed class KvmContract() : AlwaysProperty(ViolationKind.KvmDefect)
{
    public override string Name => "kvm-contract";

    public override string Doc => "KVM's half stays within declared memory, ends each call after a bounded number of accesses, and throws nothing.";

    public override string Outcome => "KVM's half left declared memory, did not end a call, or threw; the last step says what.";
}
