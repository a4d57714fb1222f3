namespace UapiLab.Harness.Checking;

/// <summary>Tasks only ever get further, so a cycle of states is a run in which none does. Steps the environment need not take
/// are not on it, and every thread that can go on throughout the cycle does (weak fairness per actor).</summary>
internal sealed class Livelock : MachineProperty
{
    public override bool NeedsUserspace => true;

    public override string Name => "livelock";

    public override PropertyKind Kind => PropertyKind.Eventually;

    public override string Doc => "Steps lead somewhere: no fair run goes round for ever without a guest task getting further.";

    public override string Outcome => "The steps at the end repeat for ever although everybody who can take one does.";
}
