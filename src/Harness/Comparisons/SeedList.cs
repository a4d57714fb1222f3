using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Comparisons;

/// <summary>The seeds of the repetitions.</summary>
public static class SeedList
{
    /// <summary>The first words of SplitMix64 from <paramref name="root"/>: more repetitions add seeds, and change
    /// none.</summary>
    public static IReadOnlyList<ulong> Derive(ulong root, int count)
    {
        var source = new SplitMix64(root);
        var seeds = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            seeds[i] = source.Next();
        }

        return seeds;
    }
}
