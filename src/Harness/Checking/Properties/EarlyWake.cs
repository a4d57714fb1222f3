using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>The guest keeps a dummy for the token.</summary>
internal sealed class EarlyWake() : SometimesProperty(MachineEventKind.GuestEarlyWake)
{
    public override string Name => "early-wake";

    public override string Doc => "The guest learns of a ready before it has handled the not-present.";
}
