using System.Globalization;

namespace UapiLab.Harness.Foundation.Determinism;

/// <summary>One of several parts of some work: every N-th unit of it, whoever else does the others.</summary>
public sealed class Shard
{
    /// <summary>More parts than that are a slip.</summary>
    private const int Most = 100_000;

    private Shard(int number, int of) => (Number, Of) = (number, of);

    /// <summary>Which, from 1.</summary>
    public int Number { get; }

    /// <summary>Of how many.</summary>
    public int Of { get; }

    /// <summary>Reads <c>K/N</c>.</summary>
    /// <exception cref="InputException">It is something else.</exception>
    public static Shard Parse(string place, string text) => text.Split('/') is [var k, var n]
        && int.TryParse(k, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var of)
        && number >= 1 && number <= of && of <= Most
        ? new(number, of)
        : throw new InputException($"{place} {text}", Invariant($"expected K/N with 1 <= K <= N <= {Most}"));

    /// <summary>Whether it does the unit with this number, from 0.</summary>
    public bool Takes(long unit) => unit % Of == Number - 1;

    /// <inheritdoc/>
    public override string ToString() => Invariant($"{Number}/{Of}");
}
