using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Rule A6.</summary>
internal sealed class RepeatedFault() : SometimesProperty(MachineEventKind.KvmAsyncPfRepeatedFault)
{
    public override string Name => "repeated-fault";

    public override string Doc => "A vCPU faults again on a frame whose APF is outstanding.";
}
