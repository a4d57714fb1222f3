using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>The name of an encoding as one would type it: id, then the options that differ from their
/// defaults.</summary>
internal static class FullName
{
    public static string Of(string id, IReadOnlyList<OptionSpec> options, OptionValues values)
    {
        string[] changed = options
            .Where(option => values[option.Name] != option.Default)
            .Select(option => $"{option.Name}={values[option.Name]}")
            .ToArray();
        return changed.Length == 0 ? id : $"{id}:{string.Join(',', changed)}";
    }
}
