using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Rule A10.</summary>
internal sealed class ReadyDelivered() : SometimesProperty(MachineEventKind.KvmInjVirq)
{
    public override string Name => "ready-delivered";

    public override string Doc => "A page-ready interrupt is injected.";
}
