namespace UapiLab.Harness.Foundation.Determinism;

/// <summary>Points of a Sobol sequence, scrambled as Owen does it. Of the first 2^k points each coordinate has one in
/// every 2^k-th of its range.</summary>
/// <remarks>The primitive polynomials are looked for, and the numbers that a dimension begins with are drawn: there is
/// no table of them. Of some draws that one counts of which the points go least together with those of a dimension
/// before.</remarks>
internal static class Sobol
{
    private const int Bits = 32;
    private const int Draws = 64;

    /// <summary>The first points of a sequence.</summary>
    /// <param name="count">How many.</param>
    /// <param name="dimensions">Coordinates of each.</param>
    /// <param name="seed">Any value; equal seeds give equal points.</param>
    /// <returns>For each point its coordinates, in units of 2^-32.</returns>
    public static uint[][] Points(int count, int dimensions, ulong seed)
    {
        var random = new SplitMix64(seed);
        var coordinates = new List<uint[]> { Coordinates([.. Enumerable.Range(0, Bits).Select(TopBit)], count) };
        foreach (var polynomial in PrimitivePolynomials().Take(dimensions - 1))
        {
            var draws = new uint[Draws][];
            for (var draw = 0; draw < Draws; draw++)
            {
                draws[draw] = Coordinates(Directions(polynomial, ref random), count);
            }

            coordinates.Add(draws.MinBy(d => coordinates.Max(before => Correlation(d, before)))!);
        }

        ulong[] scrambles = new ulong[dimensions];
        for (var dimension = 0; dimension < dimensions; dimension++)
        {
            scrambles[dimension] = random.Next();
        }

        return [.. Enumerable.Range(0, count).Select(i =>
            Enumerable.Range(0, dimensions).Select(d => Scrambled(coordinates[d][i], scrambles[d])).ToArray())];
    }

    private static uint TopBit(int k) => 1u << (Bits - 1 - k);

    private static uint[] Coordinates(uint[] directions, int count)
    {
        var coordinates = new uint[count];
        for (var i = 1; i < count; i++)
        {
            var lowest = System.Numerics.BitOperations.TrailingZeroCount(i);
            coordinates[i] = coordinates[i & (i - 1)] ^ directions[lowest];
        }

        return coordinates;
    }

    /// <summary>How far two coordinates go together, or against each other.</summary>
    private static long Correlation(uint[] a, uint[] b)
    {
        long sum = 0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += ((long)(a[i] >> 8) - (1 << 23)) * ((b[i] >> 8) - (1 << 23));
        }

        return Math.Abs(sum);
    }

    /// <summary>Each bit is turned over or not, by what stands in front of it.</summary>
    private static uint Scrambled(uint point, ulong seed)
    {
        var result = point;
        for (var k = 0; k < Bits; k++)
        {
            var inFront = (ulong)point >> (Bits - k) | 1UL << k;
            result ^= (uint)(SplitMix64.Mix(seed ^ SplitMix64.Mix(inFront)) & 1) << (Bits - 1 - k);
        }

        return result;
    }

    private static uint[] Directions(uint polynomial, ref SplitMix64 random)
    {
        var degree = Bits - 1 - System.Numerics.BitOperations.LeadingZeroCount(polynomial);
        var directions = new uint[Bits];
        for (var k = 0; k < Bits; k++)
        {
            if (k < degree)
            {
                var odd = (uint)(random.Next() >> (64 - k)) << 1 | 1; // below 2^(k + 1)
                directions[k] = (k == 0 ? 1 : odd) << (Bits - 1 - k);
                continue;
            }

            directions[k] = directions[k - degree] ^ (directions[k - degree] >> degree);
            for (var j = 1; j < degree; j++)
            {
                directions[k] ^= (polynomial >> (degree - j) & 1) != 0 ? directions[k - j] : 0;
            }
        }

        return directions;
    }

    /// <summary>Those over two elements, bit i for x^i, smallest first: x generates all that is not 0.</summary>
    internal static IEnumerable<uint> PrimitivePolynomials()
    {
        for (uint polynomial = 3; ; polynomial += 2)
        {
            var top = 1u << (Bits - 1 - System.Numerics.BitOperations.LeadingZeroCount(polynomial));
            uint power = 1, order = 0;
            do
            {
                power <<= 1;
                power ^= (power & top) != 0 ? polynomial : 0;
                order++;
            }
            while (power != 1 && order < top);
            if (order == top - 1)
            {
                yield return polynomial;
            }
        }
    }
}
