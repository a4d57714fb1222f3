using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>A restore that finds nobody waiting shows nothing.</summary>
internal sealed class RestoredWithApfs() : SometimesProperty(MachineEventKind.VmRestored)
{
    public override bool NeedsRestore => true;

    public override string Name => "restored-with-apfs";

    public override string Doc => "The VM is restored while APFs are outstanding.";

    public override bool Shows(in MachineEvent e) => base.Shows(e) && e.Value > 0;
}
