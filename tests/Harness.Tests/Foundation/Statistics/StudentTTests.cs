using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Tests.Foundation.Statistics;

public sealed class StudentTTests
{
    [Theory]
    [InlineData(1, "12.706")]
    [InlineData(9, "2.262")]
    [InlineData(30, "2.042")]
    [InlineData(40, "2.021")]
    [InlineData(60, "2.000")]
    [InlineData(120, "1.980")]
    public void Tabulated_rows_are_exact(int degreesOfFreedom, string expected)
    {
        Assert.Equal(
            decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
            StudentT.TwoSided95(degreesOfFreedom));
    }

    [Fact]
    public void Factor_encloses_95_percent_for_every_number_of_degrees()
    {
        for (int df = 1; df <= 2000; df++)
        {
            double t = (double)StudentT.TwoSided95(df);
            Assert.True(Enclosed(t - 0.001, df) < 0.95 && Enclosed(t + 0.001, df) > 0.95, $"df {df}: {t}");
        }
    }

    [Fact]
    public void Factor_falls_with_the_degrees()
    {
        for (int df = 1; df < 2000; df++)
        {
            Assert.True(StudentT.TwoSided95(df + 1) < StudentT.TwoSided95(df), $"df {df}");
        }

        Assert.True(StudentT.TwoSided95(int.MaxValue) >= 1.960m);
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.TwoSided95(0));
    }

    /// <summary>P(|T| &lt; t) by its finite series (Abramowitz and Stegun, 26.7.3 and 26.7.4).</summary>
    private static double Enclosed(double t, int df)
    {
        double angle = Math.Atan(t / Math.Sqrt(df));
        (double sin, double cos) = Math.SinCos(angle);
        bool odd = df % 2 == 1;
        double term = odd ? cos : 1;
        double sum = df == 1 ? 0 : term;
        for (int i = odd ? 3 : 2; i <= df - 2; i += 2)
        {
            term *= cos * cos * (i - 1) / i;
            sum += term;
        }

        return odd ? 2 / Math.PI * (angle + sin * sum) : sin * sum;
    }
}
