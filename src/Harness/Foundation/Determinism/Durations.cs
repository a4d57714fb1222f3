using System.Globalization;

namespace UapiLab.Harness.Foundation.Determinism;

/// <summary>Text form of durations: a decimal number and a unit, <c>10ms</c> or <c>1.5us</c>. The value is a whole
/// number of nanoseconds, so nothing is lost either way.</summary>
public static class Durations
{
    /// <summary>Nanoseconds in a microsecond.</summary>
    public const long Microsecond = 1_000;

    /// <summary>Nanoseconds in a millisecond.</summary>
    public const long Millisecond = 1_000_000;

    /// <summary>Nanoseconds in a second.</summary>
    public const long Second = 1_000_000_000;

    /// <summary>Reads a duration. Units are ns, us, ms and s, in lower case; the unit is required.</summary>
    /// <param name="text">Digits, optionally a point and more digits, then the unit; no sign and no space.</param>
    /// <param name="ns">Nanoseconds, 0 to <see cref="long.MaxValue"/>; 0 on failure.</param>
    /// <returns>False for anything else, including a value that is no whole number of nanoseconds.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out long ns)
    {
        ns = 0;
        ReadOnlySpan<char> number = text.TrimEnd("nums");
        long unit = text[number.Length..] switch
        {
            "ns" => 1,
            "us" => Microsecond,
            "ms" => Millisecond,
            "s" => Second,
            _ => 0,
        };

        int point = number.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? number : number[..point];
        ReadOnlySpan<char> fraction = point < 0 ? "0" : number[(point + 1)..];
        if (unit == 0 || !IsDigits(whole) || !IsDigits(fraction))
        {
            return false;
        }

        // Longer fractions are fine as long as the excess digits are zero.
        fraction = fraction.TrimEnd('0');
        Int128 value = 0;
        foreach (char digit in whole)
        {
            value = value * 10 + (digit - '0');
            if (value > long.MaxValue)
            {
                return false;
            }
        }

        value *= unit;
        long place = unit;
        foreach (char digit in fraction)
        {
            if (place == 1)
            {
                return false;
            }

            place /= 10;
            value += (digit - '0') * place;
        }

        if (value > long.MaxValue)
        {
            return false;
        }

        ns = (long)value;
        return true;
    }

    /// <summary>Writes a duration exactly, in the largest unit of which it holds at least one.</summary>
    /// <param name="ns">Nanoseconds, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ns"/> is negative.</exception>
    public static string Format(long ns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ns);
        (long unit, string name) = ns switch
        {
            >= Second => (Second, "s"),
            >= Millisecond => (Millisecond, "ms"),
            >= Microsecond => (Microsecond, "us"),
            _ => (1, "ns"),
        };

        // A long has 19 digits and a decimal 28: the quotient is exact.
        return ((decimal)ns / unit).ToString("0.#########", CultureInfo.InvariantCulture) + name;
    }

    private static bool IsDigits(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange('0', '9');
}
