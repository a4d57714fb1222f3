using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Rule A14 at work.</summary>
internal sealed class DroppedApf() : SometimesProperty(MachineEventKind.ApfDropped)
{
    public override string Name => "apf-dropped";

    public override string Doc => "The guest disables APF while one is outstanding.";
}
