using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Rule A15.</summary>
internal sealed class Interrupted() : SometimesProperty(MachineEventKind.RunInterrupted)
{
    public override string Name => "eintr";

    public override string Doc => "KVM_RUN returns -EINTR.";
}
