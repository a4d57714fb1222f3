using System.Globalization;

namespace UapiLab.Harness.Foundation.Specs;

/// <summary>Decimal numbers with at most three places, held as whole thousandths: no binary fraction is
/// involved.</summary>
internal static class Thousandths
{
    /// <summary>Reads digits, optionally followed by a point and one to three digits.</summary>
    public static bool TryParse(string text, out long value)
    {
        value = 0;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? "0" : text[(point + 1)..];
        if (fraction.Length is 0 or > 3
            || !uint.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out var units)
            || !uint.TryParse(fraction.PadRight(3, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out var rest))
        {
            return false;
        }

        value = (units * 1_000L) + rest;
        return true;
    }

    /// <summary>The shortest form that <see cref="TryParse"/> reads back.</summary>
    public static string Format(long value) => (value / 1_000m).ToString("0.###", CultureInfo.InvariantCulture);
}
