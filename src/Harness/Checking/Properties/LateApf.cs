using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Concern C5.</summary>
internal sealed class LateApf() : SometimesProperty(MachineEventKind.GuestNotPresent)
{
    public override string Name => "late-apf";

    public override string Doc => "The content was in place when the not-present was injected.";

    public override bool Shows(in MachineEvent e) => base.Shows(e) && ((ApfMarks)e.Value & ApfMarks.Late) != 0;
}
