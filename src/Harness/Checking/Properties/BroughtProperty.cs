using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>A property that somebody brought (<see cref="IProperty"/>); the machine runs it, and says when it is shown.</summary>
internal sealed class BroughtProperty(IProperty property, int index) : MachineProperty
{
    // It may be about anything, also about what a VMM does.
    public override bool NeedsUserspace => property.IsNever;

    public override string Name => property.Name;

    public override PropertyKind Kind => property.IsNever ? PropertyKind.Always : PropertyKind.Sometimes;

    public override string Doc => property.Doc;

    public override string Outcome => property.Outcome;

    public override IReadOnlyList<MachineEventKind> Kinds => [MachineEventKind.PropertyShown];

    public override bool Shows(in MachineEvent e) => e.Value == (ulong)index;
}
