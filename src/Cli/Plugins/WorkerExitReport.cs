using System.Text.RegularExpressions;

namespace UapiLab.Cli.Plugins;

/// <summary>What a worker wrote to standard error before it was gone: its own word, or what the runtime says of a death
/// that nobody can catch.</summary>
internal sealed partial class WorkerExitReport
{
    public const string Done = "done";
    private const string Mark = "uapilab-worker: ";
    private static readonly string[] s_ends =
        ["Stack overflow.", "Unhandled exception.", "Out of memory.", "Process terminated.", "Fatal error.",
            "Failed to create"];

    private readonly List<string> _crash = [];
    private string _said = "";

    public static void Say(string words) => Console.Error.WriteLine(Mark + words.ReplaceLineEndings(" "));

    /// <summary>Whether the worker came to its end by itself.</summary>
    public bool IsDone => _said == Done;

    /// <summary>Whether neither the worker nor its runtime had anything to say of its end.</summary>
    public bool IsSilent => _said.Length == 0 && _crash.Count == 0;

    /// <returns>False for a line that is for the user.</returns>
    public bool Takes(string line)
    {
        if (line.StartsWith(Mark, StringComparison.Ordinal))
        {
            _said = _said.Length == 0 ? line[Mark.Length..] : _said;
            return true;
        }

        if (_crash.Count > 0 || s_ends.Any(end => line.StartsWith(end, StringComparison.Ordinal)))
        {
            _crash.Add(line);
            return true;
        }

        return false;
    }

    /// <summary>How it ended, in one line.</summary>
    public string Describe(int exit, PluginLimits limits)
    {
        if (_said.Length > 0 && !IsDone)
        {
            return _said;
        }

        var what = _crash switch
        {
            ["Stack overflow.", ..] => "stack overflow",
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
        return place is null ? what : $"{what} in {Arity().Replace(place.Groups[1].Value, "")}";
    }

    [GeneratedRegex(@"^\s+at ([^(]+)\(")]
    private static partial Regex Frame();

    [GeneratedRegex(@"`\d+(\[\[.*\]\])?|\[\[.*\]\]")]
    private static partial Regex Arity();
}
