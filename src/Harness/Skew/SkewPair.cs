using UapiLab.Harness.Checking;

namespace UapiLab.Harness.Skew;

/// <summary>One pair of versions, decided.</summary>
/// <param name="Name">Who meets whom.</param>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="Why">In a few words: which call is refused with what, or which properties break.</param>
/// <param name="Outcome">Every interleaving of the instance, with the shortest history of what breaks.</param>
public sealed record SkewPair(string Name, SkewVerdict Verdict, string Why, CheckOutcome Outcome);
