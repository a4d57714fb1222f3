using System.Globalization;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Specs;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>Ties an option's text to one property of a record of parameters.</summary>
/// <typeparam name="TParameters">The record.</typeparam>
/// <param name="Name">As written in <c>id:name=value</c>.</param>
/// <param name="Doc">What it means, with unit and range.</param>
/// <param name="Write">The parameter's value as text; two values with one text are equal.</param>
/// <param name="Read">A copy of the parameters with the value that the text holds.</param>
internal sealed record ParameterOption<TParameters>(
    string Name,
    string Doc,
    Func<TParameters, string> Write,
    Func<TParameters, OptionText, TParameters> Read)
{
    /// <summary>Names and values of the options that differ between two sets of parameters, as text of the
    /// second.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Changed(
        IReadOnlyList<ParameterOption<TParameters>> options,
        TParameters defaults,
        TParameters parameters) =>
        options
            .Where(o => o.Write(defaults) != o.Write(parameters))
            .Select(o => KeyValuePair.Create(o.Name, o.Write(parameters)))
            .ToArray();

    /// <summary>The parameters that a list of options makes out of the defaults.</summary>
    /// <param name="options">Every option there is.</param>
    /// <param name="owner">Whose options these are, for messages.</param>
    /// <param name="place">Where they are given, for messages.</param>
    /// <param name="defaults">What holds if nothing is given.</param>
    /// <param name="given">Names and values.</param>
    /// <exception cref="InputException">An option is unknown, or a value is malformed or out of range.</exception>
    public static TParameters Apply(
        IReadOnlyList<ParameterOption<TParameters>> options,
        string owner,
        string place,
        TParameters defaults,
        IEnumerable<KeyValuePair<string, string>> given)
    {
        var parameters = defaults;
        foreach (var (name, value) in given)
        {
            var option = options.FirstOrDefault(o => o.Name == name)
                ?? throw Unknown.Word(place, $"option of {owner}", name, options.Select(o => o.Name).ToArray());
            parameters = option.Read(parameters, new(place, name, value));
        }

        return parameters;
    }

    /// <summary>A whole number.</summary>
    public static ParameterOption<TParameters> Count(
        string name,
        string doc,
        long min,
        long max,
        Func<TParameters, long> get,
        Func<TParameters, long, TParameters> set) =>
        new(name, $"{doc} {min} to {max}.", p => get(p).ToString(CultureInfo.InvariantCulture),
            (p, text) => set(p, text.Integer(min, max)));

    /// <summary>A number of thousandths, written as a decimal.</summary>
    public static ParameterOption<TParameters> Share(
        string name,
        string doc,
        Func<TParameters, uint> get,
        Func<TParameters, uint, TParameters> set,
        uint max = 1) =>
        new(name, $"{doc} 0 to {max}, three decimals.", p => Thousandths.Format(get(p)),
            (p, text) => set(p, text.Permille(max)));

    /// <summary>A fixed duration.</summary>
    public static ParameterOption<TParameters> Time(
        string name,
        string doc,
        Func<TParameters, long> get,
        Func<TParameters, long, TParameters> set) =>
        new(name, $"{doc} A duration.", p => Durations.Format(get(p)), (p, text) => set(p, text.Duration()));

    /// <summary>A distribution of durations.</summary>
    public static ParameterOption<TParameters> Spread(
        string name,
        string doc,
        Func<TParameters, Distribution> get,
        Func<TParameters, Distribution, TParameters> set) =>
        new(name, $"{doc} A distribution.", p => get(p).ToString(), (p, text) => set(p, text.Distribution()));

    /// <summary>One of several words.</summary>
    public static ParameterOption<TParameters> Word<T>(
        string name,
        string doc,
        Func<TParameters, T> get,
        Func<TParameters, T, TParameters> set,
        params (string Word, T Value)[] words)
        where T : notnull =>
        new(
            name,
            $"{doc} One of {string.Join(", ", words.Select(w => w.Word))}.",
            p => words.First(w => w.Value.Equals(get(p))).Word,
            (p, text) => set(p, text.OneOf(words)));
}
