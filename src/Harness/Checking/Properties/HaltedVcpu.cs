using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Rules A5 and A6.</summary>
internal sealed class HaltedVcpu() : SometimesProperty(MachineEventKind.ApfHalt)
{
    public override string Name => "vcpu-halted";

    public override string Doc => "A vCPU sleeps in an APF halt.";
}
