using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Concern C4.</summary>
internal sealed class InFlightApf() : SometimesProperty(MachineEventKind.ApfWhileInFlight)
{
    public override string Name => "in-flight-apf";

    public override string Doc => "A not-present is injected for a frame whose fetch was already under way.";
}
