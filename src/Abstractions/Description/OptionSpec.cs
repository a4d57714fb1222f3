namespace UapiLab.Abstractions;

/// <summary>One option of an encoding.</summary>
/// <param name="Name">As written in <c>id:name=value</c>.</param>
/// <param name="Values">Every value it takes.</param>
/// <param name="Default">The value when it is not given; one of <paramref name="Values"/>.</param>
/// <param name="Doc">One sentence.</param>
public sealed record OptionSpec(string Name, IReadOnlyList<string> Values, string Default, string Doc);

/// <summary>A complete set of option values.</summary>
/// <param name="values">Name to value.</param>
public sealed class OptionValues(IReadOnlyDictionary<string, string> values)
{
    /// <summary>The value of an option.</summary>
    /// <exception cref="KeyNotFoundException">The family did not declare it.</exception>
    public string this[string name] => values[name];
}
