using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Concern C2.</summary>
internal sealed class BackToBackApf() : SometimesProperty(MachineEventKind.GuestNotPresent)
{
    public override string Name => "back-to-back-apf";

    public override string Doc => "Ready is queued before the guest ran one instruction after the not-present: the event was for nothing.";

    public override bool Shows(in MachineEvent e) => base.Shows(e) && ((ApfMarks)e.Value & ApfMarks.BackToBack) != 0;
}
