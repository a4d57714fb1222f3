using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Without it a pass of the newer versions says nothing about what they add.</summary>
internal sealed class WriteSeen() : SometimesProperty(MachineEventKind.WriteSeen)
{
    public override bool NeedsTracking => true;

    public override string Name => "write-seen";

    public override string Doc => "The VMM hears of a write to a frame whose writes it tracks.";
}
