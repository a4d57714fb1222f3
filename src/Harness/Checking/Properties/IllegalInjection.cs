using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Rule A1 of docs/model.md, as an invariant: IF = 0 at the #PF is a panic in the guest.</summary>
internal sealed class IllegalInjection() : AlwaysProperty(ViolationKind.IllegalInjection)
{
    public override string Name => "illegal-injection";

    public override string Doc => "A not-present is injected only with interrupts on and no other exception pending.";

    public override string Outcome => "A not-present was injected where a Linux guest panics.";
}
