using UapiLab.Harness.Checking;

namespace UapiLab.Harness.Skew;

/// <summary>One pair of versions, decided.</summary>
/// <param name="Kvm">Version of KVM's half.</param>
/// <param name="Vmm">Version of the VMM's half.</param>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="Why">In a few words: which call is refused with what, or which properties break.</param>
/// <param name="Outcome">Every interleaving of the instance, with the shortest history of what breaks.</param>
public sealed record SkewPair(int Kvm, int Vmm, SkewVerdict Verdict, string Why, CheckOutcome Outcome)
{
    /// <summary>Who meets whom.</summary>
    public string Name => $"{Age(Vmm)} VMM on {Age(Kvm)} KVM";

    private static string Age(int version) => version == 1 ? "old" : "new";
}
