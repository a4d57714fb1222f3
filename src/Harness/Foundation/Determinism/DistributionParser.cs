using System.Globalization;

namespace UapiLab.Harness.Foundation.Determinism;

/// <summary>The text syntax of <see cref="Distribution"/>.</summary>
internal static class DistributionParser
{
    private const string AnyForm =
        "a duration such as 30us, or const(d), uniform(low,high), exp(mean[,cap=d]), min(d)+exp(mean[,cap=d]) "
        + "or mix(usual,other,ppm=n), with durations of at most 1000000s";

    private const string ConstantForm = "const(d) with d at most 1000000s";
    private const string UniformForm = "uniform(low,high) with low <= high <= 1000000s";
    private const string ExponentialForm =
        "exp(mean) or exp(mean,cap=d) with durations of at most 1000000s and d above 0";
    private const string ShiftedForm = "min(d)+" + ExponentialForm;
    private const string BimodalForm =
        "mix(usual,other,ppm=n) with durations of at most 1000000s and n from 0 to 1000000";

    /// <summary>See <see cref="Distribution.TryParse"/>.</summary>
    public static bool TryParse(string? text, out Distribution value, out string expected)
    {
        string[] terms = (text ?? "").Split('+');
        (string form, Distribution? parsed) = terms switch
        {
            [var only] => Single(only),
            [var shift, var rest] => (ShiftedForm, Shifted(shift, rest)),
            _ => (AnyForm, null),
        };

        value = parsed.GetValueOrDefault();
        expected = parsed is null ? form : "";
        return parsed is not null;
    }

    private static (string Form, Distribution? Parsed) Single(string term)
    {
        (string name, string[] arguments) = TakeApart(term);
        return name switch
        {
            "" => (AnyForm, Constant(arguments)),
            "const" => (ConstantForm, Constant(arguments)),
            "uniform" => (UniformForm, Uniform(arguments)),
            "exp" => (ExponentialForm, Exponential(0, arguments)),
            "mix" => (BimodalForm, Bimodal(arguments)),
            _ => (AnyForm, null),
        };
    }

    private static Distribution? Constant(string[] arguments) =>
        arguments is [var text] && Duration(text) is { } ns ? Distribution.Constant(ns) : null;

    private static Distribution? Uniform(string[] arguments) =>
        arguments is [var first, var second]
        && Duration(first) is { } low
        && Duration(second) is { } high
        && low <= high
            ? Distribution.Uniform(low, high)
            : null;

    private static Distribution? Shifted(string shift, string rest) =>
        TakeApart(shift) is ("min", [var text])
        && Duration(text) is { } min
        && TakeApart(rest) is ("exp", var arguments)
            ? Exponential(min, arguments)
            : null;

    private static Distribution? Exponential(long min, string[] arguments) => arguments switch
    {
        [var first] when Duration(first) is { } mean => Distribution.ShiftedExponential(min, mean),
        [var first, var second] when Duration(first) is { } mean && Duration(Named("cap", second)) is > 0 and { } cap =>
            Distribution.ShiftedExponential(min, mean, cap),
        _ => null,
    };

    private static Distribution? Bimodal(string[] arguments) =>
        arguments is [var first, var second, var third]
        && Duration(first) is { } usual
        && Duration(second) is { } other
        && uint.TryParse(Named("ppm", third), NumberStyles.None, CultureInfo.InvariantCulture, out uint ppm)
        && ppm <= 1_000_000
            ? Distribution.Bimodal(usual, other, ppm)
            : null;

    /// <summary>Takes <c>name(a,b)</c> apart; text without parentheses becomes the one argument of no name.</summary>
    private static (string Name, string[] Arguments) TakeApart(string term)
    {
        string trimmed = term.Trim(' ');
        int open = trimmed.IndexOf('(', StringComparison.Ordinal);

        // "(30us)" has no name either, and must not pass as a plain duration.
        return open > 0 && trimmed.EndsWith(')')
            ? (trimmed[..open].TrimEnd(' '), trimmed[(open + 1)..^1].Split(','))
            : ("", [trimmed]);
    }

    /// <summary>The right side of <c>name=text</c>, or text that no reader accepts.</summary>
    private static string Named(string name, string argument) =>
        argument.Split('=') is [var left, var right] && left.Trim(' ') == name ? right.Trim(' ') : "";

    private static long? Duration(string text) =>
        Durations.TryParse(text.AsSpan().Trim(' '), out long ns) && ns <= Distribution.MaxParameter ? ns : null;
}
