using System.Text.RegularExpressions;

namespace UapiLab.Harness.Uapi.Lint;

/// <summary>Names by which check-uapi knows a field for padding. They are matched at the end, so that "backend" counts,
/// too.</summary>
internal static partial class PaddingNames
{
    /// <summary>Whether a field is padding, to judge by its name.</summary>
    public static bool Match(string name) => Pattern().IsMatch(name);

    [GeneratedRegex(
        "(end|pad|pad_?[0-9]|pad_|padding|padding_?[0-9]|padding_|res|resv|resv_?[0-9]|resv_|"
        + "reserved|reserved_?[0-9]|reserved_|rsvd[0-9]?|unused)$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
