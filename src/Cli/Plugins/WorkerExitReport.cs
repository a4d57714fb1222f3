using System.Globalization;
using System.Text.RegularExpressions;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Plugins.C;

namespace UapiLab.Cli.Plugins;

/// <summary>What the runtime wrote to standard error of a death that nobody can catch.</summary>
internal sealed partial class WorkerExitReport
{
    private const int MostLines = 1_000;
    private const string OfShim = "Fatal error. C code: ";

    private static readonly string[] s_ends =
        ["Stack overflow.", "Unhandled exception.", "Out of memory.", "Process terminated.", "Fatal error.",
            "Failed to create"];

    private readonly List<string> _crash = [];

    /// <returns>False for a line that tells of no death.</returns>
    public bool Takes(string line)
    {
        var isOne = _crash.Count > 0 || s_ends.Any(end => line.StartsWith(end, StringComparison.Ordinal))
            || Sanitised().IsMatch(line);
        if (isOne && _crash.Count < MostLines)
        {
            _crash.Add(line);
        }

        // AddressSanitizer draws one before it tells.
        return isOne || Ruler().IsMatch(line);
    }

    /// <summary>How it ended, in one line.</summary>
    public string Describe(int exit, PluginLimits limits)
    {
        var what = _crash switch
        {
            ["Stack overflow.", ..] => "stack overflow",
            [var first, ..] when Sanitised().Match(first) is { Success: true } found =>
                $"AddressSanitizer: {found.Groups[1].Value}{PlaceInC()}",
            [var first, ..] when first.StartsWith(OfShim, StringComparison.Ordinal) => InC(first[OfShim.Length..]),
            [var first, ..] when first.StartsWith("Out of memory", StringComparison.Ordinal)
                || first.Contains(nameof(OutOfMemoryException), StringComparison.Ordinal) =>
                Invariant($"out of memory: more than {limits.MemoryMiB} MiB"),
            [var first, ..] => first.Replace("Unhandled exception. ", "unhandled exception on a thread of its own: ",
                StringComparison.Ordinal),
            _ => Invariant($"its process died with exit code {exit}"),
        };
        var place = _crash.Select(line => Frame().Match(line))
            .FirstOrDefault(m => m.Success && !m.Groups[1].Value.StartsWith("System.", StringComparison.Ordinal)
            && !m.Groups[1].Value.StartsWith("UapiLab.", StringComparison.Ordinal));
        return CleanText.Printable(place is null ? what : $"{what} in {Arity().Replace(place.Groups[1].Value, "")}");
    }

    /// <summary>The innermost line that is the plugin's.</summary>
    private string PlaceInC() => _crash.Select(line => FrameInC().Match(line))
        .FirstOrDefault(m => m.Success && !m.Groups[1].Value.Contains("libsanitizer", StringComparison.Ordinal)
            && Path.GetFileName(m.Groups[1].Value) != "shim.c") is { } frame
        ? $" at {Path.GetFileName(frame.Groups[1].Value)}:{frame.Groups[2].Value}" : "";

    /// <summary>What the shim said, with the line of its address.</summary>
    private static string InC(string said) => Address().Replace(said, m => AddressLine.Of(m.Groups[1].Value,
        ulong.Parse(m.Groups[2].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture) + 1));

    [GeneratedRegex(@"ERROR: AddressSanitizer: ([\w-]+)")]
    private static partial Regex Sanitised();

    [GeneratedRegex("^={65}$")]
    private static partial Regex Ruler();

    [GeneratedRegex(@"^\s+#\d+ 0x[0-9a-f]+ in .* (/\S+|\S+\.[ch]):(\d+)")]
    private static partial Regex FrameInC();

    [GeneratedRegex(@"(\S+\.so)\+0x([0-9a-f]+)")]
    private static partial Regex Address();

    [GeneratedRegex(@"^\s+at ([^(]+)\(")]
    private static partial Regex Frame();

    [GeneratedRegex(@"`\d+(\[\[.*\]\])?|\[\[.*\]\]")]
    private static partial Regex Arity();
}
