using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Rule A10.</summary>
internal sealed class ReadyDelivered() : SometimesProperty(MachineEventKind.KvmInjVirq)
{
    public override string Name => "ready-delivered";

    public override bool Shows(in MachineEvent e) => base.Shows(e) && e.Value != uint.MaxValue;

    public override string Doc => "A page-ready interrupt is injected for a page; the wake-all on enabling does not count.";
}
