using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>The guest retries for nothing and faults again: legal, and a cost.</summary>
internal sealed class EmptyReady() : SometimesProperty(MachineEventKind.ReadyWithoutPage)
{
    public override string Name => "empty-ready";

    public override string Doc => "Page-ready is delivered for a page that is not there.";
}
