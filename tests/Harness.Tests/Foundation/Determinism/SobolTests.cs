using System.Numerics;
using UapiLab.Harness.Foundation.Determinism;
using Xunit;

namespace UapiLab.Harness.Tests.Foundation.Determinism;

/// <summary>Points that fill a space evenly.</summary>
public sealed class SobolTests
{
    private const int Dimensions = 40;

    /// <summary>Coefficients as printed in tables of primitive polynomials over two elements.</summary>
    [Fact]
    public void Primitive_polynomials_are_found() => Assert.Equal(
        [0b11, 0b111, 0b1011, 0b1101, 0b10011, 0b11001, 0b100101, 0b101001, 0b101111, 0b110111, 0b111011, 0b111101],
        Sobol.PrimitivePolynomials().Take(12));

    /// <summary>There are phi(2^n - 1) / n of degree n.</summary>
    [Fact]
    public void As_many_as_there_are_are_found() => Assert.Equal([1, 1, 2, 2, 6, 6, 18, 16],
        Sobol.PrimitivePolynomials().TakeWhile(p => p < 512).CountBy(BitOperations.Log2).Select(c => c.Value));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_coordinate_has_one_point_in_each_part(ulong seed)
    {
        foreach (var bits in Enumerable.Range(1, 8))
        {
            var points = Sobol.Points(1 << bits, Dimensions, seed);
            foreach (var dimension in Enumerable.Range(0, Dimensions))
            {
                Assert.Equal(Enumerable.Range(0, 1 << bits),
                    points.Select(p => (int)(p[dimension] >> (32 - bits))).Order());
            }
        }
    }

    /// <summary>The first two coordinates are a (0, 2)-sequence: a box of area 2^-6 holds one of 64 points.</summary>
    [Fact]
    public void The_first_two_fill_every_box()
    {
        var points = Sobol.Points(64, 2, 7);
        foreach (var wide in Enumerable.Range(0, 7))
        {
            var boxes = points.Select(p => ((ulong)p[0] >> (32 - wide), (ulong)p[1] >> (26 + wide)));
            Assert.Equal(64, boxes.Distinct().Count());
        }
    }

    [Fact]
    public void No_two_coordinates_go_together()
    {
        var points = Sobol.Points(64, 28, 1);
        double At(int point, int dimension) => (points[point][dimension] / 4294967296.0) - 0.5;
        foreach (var (a, b) in from a in Enumerable.Range(0, 28) from b in Enumerable.Range(0, a) select (a, b))
        {
            Assert.InRange(Enumerable.Range(0, 64).Sum(i => At(i, a) * At(i, b)) / (64 / 12.0), -0.6, 0.6);
        }
    }

    [Fact]
    public void The_seed_decides()
    {
        Assert.Equal(Sobol.Points(8, 5, 3), Sobol.Points(8, 5, 3));
        Assert.NotEqual(Sobol.Points(8, 5, 3), Sobol.Points(8, 5, 4));
    }
}
