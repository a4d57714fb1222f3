using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Without it a pass says nothing about APF.</summary>
internal sealed class ApfInjected() : SometimesProperty(MachineEventKind.KvmInjException)
{
    public override string Name => "apf-injected";

    public override string Doc => "A not-present is injected.";
}
