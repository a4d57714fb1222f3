using System.Globalization;
using UapiLab.Harness.Determinism;
using UapiLab.Harness.Specs;

namespace UapiLab.Harness.Workloads;

/// <summary>Ties an option's text to a parameter of <see cref="SyntheticParameters"/>.</summary>
/// <param name="Name">As written in <c>id:name=value</c>.</param>
/// <param name="Doc">What it means, with unit and range.</param>
/// <param name="Write">The parameter's value as text; two values with one text are equal.</param>
/// <param name="Read">A copy of the parameters with the value that the text holds.</param>
internal sealed record SyntheticOption(
    string Name,
    string Doc,
    Func<SyntheticParameters, string> Write,
    Func<SyntheticParameters, OptionText, SyntheticParameters> Read)
{
    /// <summary>A whole number.</summary>
    public static SyntheticOption Count(
        string name,
        string doc,
        long min,
        long max,
        Func<SyntheticParameters, long> get,
        Func<SyntheticParameters, long, SyntheticParameters> set) =>
        new(name, $"{doc} {min} to {max}.", p => get(p).ToString(CultureInfo.InvariantCulture), (p, text) => set(p, text.Integer(min, max)));

    /// <summary>A number of thousandths, written as a decimal.</summary>
    public static SyntheticOption Share(
        string name,
        string doc,
        Func<SyntheticParameters, uint> get,
        Func<SyntheticParameters, uint, SyntheticParameters> set,
        uint max = 1) =>
        new(name, $"{doc} 0 to {max}, three decimals.", p => Thousandths.Format(get(p)), (p, text) => set(p, text.Permille(max)));

    /// <summary>A fixed duration.</summary>
    public static SyntheticOption Time(
        string name,
        string doc,
        Func<SyntheticParameters, long> get,
        Func<SyntheticParameters, long, SyntheticParameters> set) =>
        new(name, $"{doc} A duration.", p => Durations.Format(get(p)), (p, text) => set(p, text.Duration()));

    /// <summary>A distribution of durations.</summary>
    public static SyntheticOption Spread(
        string name,
        string doc,
        Func<SyntheticParameters, Distribution> get,
        Func<SyntheticParameters, Distribution, SyntheticParameters> set) =>
        new(name, $"{doc} A distribution.", p => get(p).ToString(), (p, text) => set(p, text.Distribution()));

    /// <summary>One of several words.</summary>
    public static SyntheticOption Word<T>(
        string name,
        string doc,
        Func<SyntheticParameters, T> get,
        Func<SyntheticParameters, T, SyntheticParameters> set,
        params (string Word, T Value)[] words)
        where T : notnull =>
        new(
            name,
            $"{doc} One of {string.Join(", ", words.Select(w => w.Word))}.",
            p => words.First(w => w.Value.Equals(get(p))).Word,
            (p, text) => set(p, text.OneOf(words)));
}
