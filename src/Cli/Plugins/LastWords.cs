using System.Text.RegularExpressions;

namespace UapiLab.Cli.Plugins;

/// <summary>What a worker wrote to standard error before it was gone: its own word, or what the runtime says of a death that
/// nobody can catch.</summary>
internal sealed partial class LastWords
{
    public const string Done = "done";
    private const string Mark = "uapilab-worker: ";
    private static readonly string[] s_ends = ["Stack overflow.", "Unhandled exception.", "Out of memory.", "Process terminated.", "Fatal error.", "Failed to create"];

    private readonly List<string> crash = [];
    private string said = "";

    public static void Say(string words) => Console.Error.WriteLine(Mark + words.ReplaceLineEndings(" "));

    /// <summary>Whether the worker came to its end by itself.</summary>
    public bool IsDone => said == Done;

    /// <summary>Whether neither the worker nor its runtime had anything to say of its end.</summary>
    public bool IsSilent => said.Length == 0 && crash.Count == 0;

    /// <returns>False for a line that is for the user.</returns>
    public bool Takes(string line)
    {
        if (line.StartsWith(Mark, StringComparison.Ordinal))
        {
            said = said.Length == 0 ? line[Mark.Length..] : said;
            return true;
        }

        if (crash.Count > 0 || s_ends.Any(end => line.StartsWith(end, StringComparison.Ordinal)))
        {
            crash.Add(line);
            return true;
        }

        return false;
    }

    /// <summary>How it ended, in one line.</summary>
    public string Tell(int exit, PluginLimits limits)
    {
        if (said.Length > 0 && !IsDone)
        {
            return said;
        }

        var what = crash switch
        {
            ["Stack overflow.", ..] => "stack overflow",
            [var first, ..] when first.StartsWith("Out of memory", StringComparison.Ordinal) || first.Contains(nameof(OutOfMemoryException), StringComparison.Ordinal) =>
                Invariant($"out of memory: more than {limits.MemoryMiB} MiB"),
            [var first, ..] => first.Replace("Unhandled exception. ", "unhandled exception on a thread of its own: ", StringComparison.Ordinal),
            _ => Invariant($"its process died with exit code {exit}"),
        };
        var place = crash.Select(line => Frame().Match(line)).FirstOrDefault(m => m.Success && !m.Groups[1].Value.StartsWith("System.", StringComparison.Ordinal) && !m.Groups[1].Value.StartsWith("UapiLab.", StringComparison.Ordinal));
        return place is null ? what : $"{what} in {Arity().Replace(place.Groups[1].Value, "")}";
    }

    [GeneratedRegex(@"^\s+at ([^(]+)\(")]
    private static partial Regex Frame();

    [GeneratedRegex(@"`\d+(\[\[.*\]\])?|\[\[.*\]\]")]
    private static partial Regex Arity();
}
