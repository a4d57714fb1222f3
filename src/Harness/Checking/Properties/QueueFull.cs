using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Rule A3 at work.</summary>
internal sealed class QueueFull() : SometimesProperty(MachineEventKind.ApfQueueFull)
{
    public override string Name => "queue-full";

    public override string Doc => "A fault finds the vCPU's queue full.";
}
