using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Rule A5, the halting branch.</summary>
internal sealed class RefusedInjection() : SometimesProperty(MachineEventKind.InjectionRefused)
{
    public override string Name => "injection-refused";

    public override string Doc => "KVM's write of the not-present to the APF area fails.";
}
