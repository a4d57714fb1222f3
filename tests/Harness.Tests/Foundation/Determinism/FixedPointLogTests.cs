using FsCheck.Xunit;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Tests.Foundation.Determinism;

public sealed class FixedPointLogTests
{
    private const double Unit = 1.0 / (1L << FixedPointLog.FractionBits);

    [Fact]
    public void Ends_of_the_range_are_exact()
    {
        Assert.Equal(0UL, FixedPointLog.NegativeLn(ulong.MaxValue));
        Assert.Equal(FixedPointLog.MaxValue, FixedPointLog.NegativeLn(0));
    }

    [Fact]
    public void Table_holds_the_logarithms_of_its_reciprocals()
    {
        Assert.Equal(32, FixedPointLog.Reciprocals.Length);
        for (int i = 0; i < 32; i++)
        {
            int reciprocal = FixedPointLog.Reciprocals[i];
            Assert.Equal(((1 << 22) + (65 + 2 * i) / 2) / (65 + 2 * i), reciprocal);
            double expected = Math.Log(65536.0 / reciprocal);
            Assert.InRange(FixedPointLog.Logarithms[i] / (double)(1L << 56) - expected, -3e-16, 3e-16);
        }
    }

    [Property(MaxTest = 2000)]
    public void Error_is_below_the_stated_bound(ulong seed, byte shift)
    {
        // The shift covers small words too: a uniform word of 64 bits is hardly ever small.
        AssertClose(SplitMix64.Mix(seed) >> (shift % 64));
    }

    [Fact]
    public void Error_is_below_the_stated_bound_at_the_edges_of_all_parts()
    {
        for (int zeros = 0; zeros < 64; zeros++)
        {
            for (ulong part = 32; part < 64; part++)
            {
                ulong edge = (part << 58) >> zeros;
                AssertClose(edge);
                AssertClose(unchecked(edge - 1));
                AssertClose(unchecked(edge - 2));
            }
        }
    }

    [Fact]
    public void Mean_is_one()
    {
        UInt128 sum = 0;
        for (ulong key = 0; key < 1_000_000; key++)
        {
            sum += FixedPointLog.NegativeLn(CounterRandom.At(1, 0, key));
        }

        // Four standard deviations of the mean; the seed is fixed.
        Assert.InRange((double)sum * Unit / 1_000_000, 0.996, 1.004);
    }

    private static void AssertClose(ulong word)
    {
        // ln(1 - d) for the small distance d to 1, where (word + 1) / 2^64 would lose d in a double.
        ulong distance = ulong.MaxValue - word;
        double expected = distance < 1UL << 40
            ? Math.ScaleB(distance, -64)
            : 64 * Math.Log(2) - Math.Log(word + 1.0);
        double error = FixedPointLog.NegativeLn(word) * Unit - expected;
        Assert.True(Math.Abs(error) <= 0.52 * Unit, $"word {word}: error {error / Unit} units");
    }
}
