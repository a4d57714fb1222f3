using System.Text.RegularExpressions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Cli.Ci;

/// <summary>Where the source of an encoding lies, as seen from where the command runs: what plugins brought, and the
/// built-in ones of a checkout.</summary>
/// <param name="plugins">Paths of the plugins.</param>
internal sealed partial class SourceFiles(IReadOnlyList<string> plugins)
{
    private const string BuiltIn = "src/Encodings";

    private static readonly EnumerationOptions s_everywhere = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
    };

    private readonly string[] _files =
    [
        .. plugins.Append(BuiltIn).SelectMany(Below).Select(f => f.Replace('\\', '/')).Distinct()
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The line of a step; null if it is the machine's own, or its file is not there.</summary>
    public SourceLine? Of(HistoryStep step) => step.Source is { } source
        && Place().Match(source) is { Success: true } at
        && _files.FirstOrDefault(f => Path.GetFileName(f) == at.Groups[1].Value) is { } file
        ? new(file, int.Parse(at.Groups[2].ValueSpan, System.Globalization.CultureInfo.InvariantCulture)) : null;

    /// <summary>The lines of a file by its name; null if it is not there.</summary>
    public IReadOnlyList<string>? LinesOf(string name) =>
        _files.FirstOrDefault(f => Path.GetFileName(f) == name) is { } file ? Lines(file) : null;

    /// <summary>The first line that names something, among the files of an encoding: a flag, a capability, a member of
    /// a structure.</summary>
    /// <param name="type">A type of the encoding.</param>
    /// <param name="place">What is named; its last word with letters counts.</param>
    public SourceLine? Naming(Type type, string place)
    {
        var folder = $"{BuiltIn}/{type.Namespace?.Split('.').Last()}/";
        var isBuiltIn = type.Assembly.GetName().Name == "UapiLab.Encodings";
        string[] own = [.. _files.Where(f => f.StartsWith(BuiltIn, StringComparison.Ordinal) == isBuiltIn
            && (!isBuiltIn || f.StartsWith(folder, StringComparison.Ordinal)))];
        foreach (var word in Words().Matches(place).Select(m => m.Value).Reverse())
        {
            foreach (var file in own)
            {
                var line = Array.FindIndex(Lines(file), l => l.Contains($"\"{word}", StringComparison.Ordinal));
                if (line >= 0)
                {
                    return new(file, line + 1);
                }
            }
        }

        return own.Length > 0 ? new(own[0], 1) : null;
    }

    private static string[] Lines(string file) => System.Text.Encoding.UTF8.GetString(
        InputFile.Read(file, "source", CancellationToken.None)).Split('\n');

    private static IEnumerable<string> Below(string path) => File.Exists(path)
        ? Path.GetExtension(path) == ".cs" ? [path] : Below(Path.GetDirectoryName(path) is { Length: > 0 } f ? f : ".")
        : Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*.cs", s_everywhere) : [];

    [GeneratedRegex(@"^([^:]+):(\d+)")]
    private static partial Regex Place();

    [GeneratedRegex(@"[A-Za-z_][A-Za-z0-9_]{2,}")]
    private static partial Regex Words();
}
