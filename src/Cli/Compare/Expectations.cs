using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Compare;

/// <summary>What the discussion on the list predicts, as claims: a prediction that fails is a finding, not an error.</summary>
internal static class Expectations
{
    public static IReadOnlyList<Claim> All(EncodingRegistry registry) => [];
}
