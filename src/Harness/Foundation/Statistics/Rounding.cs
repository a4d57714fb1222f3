using System.Globalization;

namespace UapiLab.Harness.Foundation.Statistics;

/// <summary>Numbers for reports: a fixed number of significant digits, the same text in every culture.</summary>
internal static class Rounding
{
    // More would not fit the 28 decimal places of a decimal together with leading digits.
    private const int MaxDigits = 27;

    /// <summary>Rounds to significant digits; a tie goes away from zero.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="digits">Significant digits to keep, 1 to 27.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="digits"/> is out of range.</exception>
    /// <exception cref="OverflowException">The rounded value exceeds <see cref="decimal"/>.</exception>
    public static decimal Significant(decimal value, int digits)
    {
        CheckDigits(digits);
        int places = DecimalPlaces(value, digits);
        if (places >= 0)
        {
            return Math.Round(value, places, MidpointRounding.AwayFromZero);
        }

        decimal unit = PowerOfTen(-places);
        return Math.Round(value / unit, MidpointRounding.AwayFromZero) * unit;
    }

    /// <summary>Writes exactly <paramref name="digits"/> significant digits without exponent: 3 digits give
    /// <c>1.00</c>, <c>0.0123</c>, <c>12300</c>. Zero is <c>0</c>; no more than 28 decimal places are
    /// written.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="digits">Significant digits to write, 1 to 27.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="digits"/> is out of range.</exception>
    /// <exception cref="OverflowException">The rounded value exceeds <see cref="decimal"/>.</exception>
    public static string Format(decimal value, int digits)
    {
        decimal rounded = Significant(value, digits);
        if (rounded == 0)
        {
            return "0";
        }

        // The places of the rounded value, since 9.99 may have become 10.0.
        int places = Math.Max(0, DecimalPlaces(rounded, digits));
        return rounded.ToString("F" + Invariant($"{places}"), CultureInfo.InvariantCulture);
    }

    /// <summary>Decimal places that leave the given number of significant digits; negative left of the point.</summary>
    private static int DecimalPlaces(decimal value, int digits)
    {
        decimal magnitude = Math.Abs(value);
        if (magnitude == 0)
        {
            return 0;
        }

        // Position of the leading digit: 0 for units, 1 for tens, -1 for tenths.
        int leading = 0;
        for (; magnitude >= 10; magnitude /= 10)
        {
            leading++;
        }

        for (; magnitude < 1; magnitude *= 10)
        {
            leading--;
        }

        return Math.Min(28, digits - 1 - leading);
    }

    private static decimal PowerOfTen(int exponent)
    {
        decimal power = 1;
        for (; exponent > 0; exponent--)
        {
            power *= 10;
        }

        return power;
    }

    private static void CheckDigits(int digits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, MaxDigits);
    }
}
