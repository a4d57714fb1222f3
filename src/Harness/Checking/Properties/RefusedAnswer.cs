using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Only encodings that decide at re-entry can do this.</summary>
internal sealed class RefusedAnswer() : SometimesProperty(MachineEventKind.RunRefused)
{
    public override string Name => "answer-refused";

    public override string Doc => "KVM_RUN returns at once because the VMM's answer cannot be followed.";
}
