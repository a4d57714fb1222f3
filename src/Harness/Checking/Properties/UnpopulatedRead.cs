using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>The harm of a frame that looks present too early (concern C5).</summary>
internal sealed class UnpopulatedRead() : AlwaysProperty(ViolationKind.ReadUnpopulated)
{
    public override bool NeedsUserspace => true;

    public override string Name => "unpopulated-read";

    public override string Doc => "The guest never uses a page whose content was not placed.";

    public override string Outcome => "The guest used a page whose content was never placed.";
}
