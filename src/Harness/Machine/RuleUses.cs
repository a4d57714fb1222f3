namespace UapiLab.Harness.Machines;

/// <summary>How often the line that keeps a rule was reached (<see cref="BrokenRules"/>): which rules a run exercised.</summary>
internal sealed class RuleUses
{
    private readonly long[] counts = new long[64];

    /// <summary>Uses by the name of the rule, of rules that were used.</summary>
    public IReadOnlyDictionary<string, long> Counts
    {
        get
        {
            var named = new SortedDictionary<string, long>(StringComparer.Ordinal);
            for (var bit = 0; bit < counts.Length; bit++)
            {
                if (counts[bit] > 0)
                {
                    named[((BrokenRules)(1L << bit)).ToString()] = counts[bit];
                }
            }

            return named;
        }
    }

    /// <summary>The line that keeps the rule was reached.</summary>
    public void Add(BrokenRules rule) => counts[System.Numerics.BitOperations.TrailingZeroCount((ulong)rule)]++;
}
