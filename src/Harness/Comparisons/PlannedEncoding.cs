using UapiLab.Abstractions;

namespace UapiLab.Harness.Comparisons;

/// <summary>One encoding of a comparison.</summary>
/// <param name="Encoding">The encoding with its options fixed.</param>
/// <param name="Options">Every option with its value, defaults included, in the order in which the family declares
/// them.</param>
/// <param name="ViolationsExpected">Its violations and defects are results to be shown, not failures of the
/// run.</param>
/// <param name="Note">A remark that belongs beside its name in a report; empty if there is none.</param>
public sealed record PlannedEncoding(
    Encoding Encoding,
    IReadOnlyList<KeyValuePair<string, string>> Options,
    bool ViolationsExpected = false,
    string Note = "")
{
    /// <summary>Id and the options that differ from their defaults; what tells two encodings of a plan apart.</summary>
    public string Name => Encoding.Description.FullName;

    /// <summary>Whether it could not be built.</summary>
    public bool IsReferencePoint => Encoding.Description.Traits.HasFlag(EncodingTraits.ReferencePoint);

    /// <summary>Whether it is our own variant of an idea that was never posted.</summary>
    public bool IsNeverPosted => Encoding.Description.Traits.HasFlag(EncodingTraits.NeverPosted);
}
