using System.Globalization;

namespace UapiLab.Harness.Conformance;

/// <summary>A line in which a loader says what the VMM did: a word, then key=value pairs and results.</summary>
internal readonly record struct VmmMarker(string Word, string Text)
{
    private const int PageShift = 12;

    /// <summary>The marker of a line.</summary>
    public static VmmMarker Read(string text) => new(text.Split(' ')[0], text);

    /// <summary>The vCPU it names, or -1.</summary>
    public int Vcpu => Value("vcpu") is { } word
        && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var vcpu) ? vcpu : -1;

    /// <summary>The page it names.</summary>
    public ulong? Gfn => Hex("gpa") >> PageShift;

    /// <summary>A hexadecimal value.</summary>
    public ulong? Hex(string key) =>
        Value(key) is { } word && word.StartsWith("0x", StringComparison.Ordinal)
        && ulong.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value : null;

    /// <summary>A value.</summary>
    public string? Value(string key) =>
        Array.Find(Text.Split(' '), w => w.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..];

    /// <summary>Whether the last word says that the call succeeded.</summary>
    public bool Succeeded => Text.EndsWith(" OK", StringComparison.Ordinal);
}
