using System.Globalization;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Foundation.Specs;

/// <summary>The text of one option's value, to be read as what the option holds.</summary>
/// <param name="Place">Where it stands, for messages.</param>
/// <param name="Name">The option.</param>
/// <param name="Text">Its value.</param>
/// <exception cref="InputException">Every reader throws it when the text is malformed or out of range.</exception>
internal readonly record struct OptionText(string Place, string Name, string Text)
{
    /// <summary>A whole number in decimal digits.</summary>
    public long Integer(long min, long max) =>
        long.TryParse(Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min
            && value <= max
            ? value
            : throw Wrong($"a whole number from {min} to {max}");

    /// <summary>A decimal number with at most three places, as thousandths.</summary>
    /// <param name="max">Largest value, in whole units.</param>
    public uint Permille(uint max) =>
        Thousandths.TryParse(Text, out var value) && value <= max * 1_000L
            ? (uint)value
            : throw Wrong($"a number from 0 to {max} with at most three decimals");

    /// <summary>A duration with its unit.</summary>
    public long Duration() =>
        Durations.TryParse(Text, out var ns) && ns <= Foundation.Determinism.Distribution.MaxParameter
            ? ns
            : throw Wrong("a duration such as 0ns, 10us or 1.5ms, at most 1000000s");

    /// <summary>A distribution of durations.</summary>
    public Distribution Distribution() =>
        Foundation.Determinism.Distribution.TryParse(Text, out var value, out var expected) ? value
            : throw Wrong(expected);

    /// <summary>One of several words.</summary>
    public T OneOf<T>(params ReadOnlySpan<(string Word, T Value)> words)
    {
        var names = new string[words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i].Word == Text)
            {
                return words[i].Value;
            }

            names[i] = words[i].Word;
        }

        throw Unknown.Word(Place, $"value of {Name}", Text, names);
    }

    /// <summary>The exception for this value.</summary>
    public InputException Wrong(string expected) => new(Place, $"{Name}={Text}: expected {expected}");
}
