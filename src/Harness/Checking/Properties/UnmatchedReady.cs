using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Events come in pairs (kernel documentation, msr.rst: each token once).</summary>
internal sealed class UnmatchedReady() : AlwaysProperty(ViolationKind.UnmatchedReady)
{
    public override string Name => "unmatched-ready";

    public override string Doc => "Every page-ready answers one not-present that was set up and not answered yet.";

    public override string Outcome => "KVM delivered a page-ready that belongs to no outstanding not-present.";
}
