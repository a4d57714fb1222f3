using System.Numerics;
using FsCheck.Xunit;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Tests.Foundation.Determinism;

public sealed class CounterRandomTests
{
    /// <summary>Recorded results depend on these words: a change here is a change of every recorded run.</summary>
    [Theory]
    [InlineData(0, 0, 0, 0, 2558736989570252433UL)]
    [InlineData(1, 2, 3, 4, 12213004357979193903UL)]
    [InlineData(ulong.MaxValue, uint.MaxValue, ulong.MaxValue, uint.MaxValue, 4659599005654464164UL)]
    public void Words_never_change(ulong seed, uint stream, ulong key, uint draw, ulong expected)
    {
        Assert.Equal(expected, CounterRandom.At(seed, stream, key, draw));
    }

    [Fact]
    public void Neighbouring_coordinates_give_distinct_words()
    {
        var words = new HashSet<ulong>();
        for (uint i = 0; i < 10_000; i++)
        {
            words.Add(CounterRandom.At(seed: i % 10, stream: i / 10 % 10, key: i / 100 % 10, draw: i / 1000));
        }

        Assert.Equal(10_000, words.Count);
    }

    /// <summary>A flipped input bit flips each output bit with chance 1/2. Over 4096 trials the number of flips of one
    /// output bit has standard deviation 32; six of them (192) never occur by chance in these 12288 counts.</summary>
    [Fact]
    public void Every_input_bit_affects_every_output_bit()
    {
        const int trials = 4096;
        int[,] flips = new int[192, 64];
        var random = new SplitMix64(42);
        for (int trial = 0; trial < trials; trial++)
        {
            ulong seed = random.Next(), key = random.Next(), streamAndDraw = random.Next();
            ulong word = At(seed, key, streamAndDraw);
            for (int bit = 0; bit < 64; bit++)
            {
                ulong flip = 1UL << bit;
                Count(bit, word ^ At(seed ^ flip, key, streamAndDraw));
                Count(64 + bit, word ^ At(seed, key ^ flip, streamAndDraw));
                Count(128 + bit, word ^ At(seed, key, streamAndDraw ^ flip));
            }
        }

        foreach (int count in flips)
        {
            Assert.InRange(count, trials / 2 - 192, trials / 2 + 192);
        }

        void Count(int input, ulong changed)
        {
            for (; changed != 0; changed &= changed - 1)
            {
                flips[input, BitOperations.TrailingZeroCount(changed)]++;
            }
        }

        static ulong At(ulong seed, ulong key, ulong streamAndDraw) =>
            CounterRandom.At(seed, (uint)(streamAndDraw >> 32), key, (uint)(streamAndDraw & uint.MaxValue));
    }

    [Property]
    public bool Below_is_the_exact_high_product(ulong seed, ulong n)
    {
        ulong word = SplitMix64.Mix(seed);
        return n == 0 || CounterRandom.Below(word, n) == (ulong)(((UInt128)word * n) >> 64);
    }

    [Fact]
    public void Below_reaches_both_ends()
    {
        Assert.Equal(0UL, CounterRandom.Below(0, 10));
        Assert.Equal(9UL, CounterRandom.Below(ulong.MaxValue, 10));
        Assert.Equal(0UL, CounterRandom.Below(ulong.MaxValue, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CounterRandom.Below(0, 0));
    }

    [Fact]
    public void Sequential_keys_are_uniform()
    {
        int[] counts = new int[10];
        for (ulong key = 0; key < 100_000; key++)
        {
            counts[CounterRandom.Below(CounterRandom.At(7, 1, key), 10)]++;
        }

        // Standard deviation 95; the seed is fixed, so this either always passes or never.
        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0, 1, true)]
    [InlineData(ulong.MaxValue, 999, false)]
    [InlineData(ulong.MaxValue, 1000, true)]
    public void Chance_of_0_is_never_and_of_1000_permille_always(ulong word, uint permille, bool expected)
    {
        Assert.Equal(expected, CounterRandom.Permille(word, permille));
        Assert.Equal(expected, CounterRandom.PartsPerMillion(word, permille * 1000));
    }
}
