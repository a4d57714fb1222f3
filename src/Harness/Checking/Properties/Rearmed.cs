using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Concern C15.</summary>
internal sealed class Rearmed() : SometimesProperty(MachineEventKind.MemslotChanged)
{
    public override string Name => "re-armed";

    public override string Doc => "A memslot update arms frames again.";
}
