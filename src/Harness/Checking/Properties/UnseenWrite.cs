using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>The harm of a kind of fault that one side believes in and the other does not know (concern C8).</summary>
internal sealed class UnseenWrite : MachineProperty
{
    public override bool NeedsTracking => true;

    public override bool NeedsUserspace => true;

    public override string Name => "unseen-write";

    public override PropertyKind Kind => PropertyKind.Always;

    public override string Doc => "Where the VMM was told that it would hear of a frame's first write, it has heard of it before the guest writes.";

    public override string Outcome => "The guest wrote to a frame whose writes are tracked, and the VMM does not know.";

    public override IReadOnlyList<MachineEventKind> Kinds => [MachineEventKind.WriteUnseen];

    public override bool Shows(in MachineEvent e) => true;
}
