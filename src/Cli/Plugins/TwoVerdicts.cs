using System.Globalization;
using System.Text.RegularExpressions;

namespace UapiLab.Cli.Plugins;

/// <summary>
/// A verdict about code in C, which may read and write what is not its own and not die of it. It is taken twice, in
/// processes of their own: once with the code built with AddressSanitizer, and with other values in locals that it does
/// not initialise. What was said then must be said again.
/// </summary>
/// <param name="terminal">Where the verdict goes.</param>
/// <param name="file">The plugin's file, for messages.</param>
/// <param name="taken">Takes a verdict.</param>
internal sealed partial class TwoVerdicts(Terminal terminal, string file, Func<WorkerTask, Terminal, int> taken)
{
    private const string Death = "uapilab: plugin: ";

    /// <param name="task">Of both.</param>
    /// <param name="sanitiser">Null: there is none, and the verdict is taken once.</param>
    /// <param name="cancellation">Ends both.</param>
    public int Take(WorkerTask task, string? sanitiser, CancellationToken cancellation)
    {
        if (sanitiser is null)
        {
            return taken(task, terminal);
        }

        // First, so that the files that are written are those of the second.
        var (sanitisedExit, sanitised, complaints) = Kept(task with { Sanitiser = sanitiser });
        var died = complaints.Split('\n').FirstOrDefault(l => l.StartsWith(Death, StringComparison.Ordinal));
        if (died is not null || cancellation.IsCancellationRequested)
        {
            terminal.Error.WriteLine(died ?? "uapilab: interrupted");
            return died is null ? ExitCode.Undecided : sanitisedExit;
        }

        using var kept = new StringWriter(CultureInfo.InvariantCulture);
        using var both = new Both(terminal.Out, kept);
        var exit = taken(task, Terminal.Plain(both, terminal.Error));
        if (cancellation.IsCancellationRequested || exit == ExitCode.BadInput)
        {
            return exit;
        }

        var (first, second) = (Lines(sanitised), Lines(kept.ToString()));
        if (sanitisedExit == exit && first.SequenceEqual(second))
        {
            return exit;
        }

        var at = first.Zip(second).TakeWhile(pair => pair.First == pair.Second).Count();
        terminal.Error.WriteLine($"uapilab: {file}: judged otherwise where it is built with AddressSanitizer and "
            + $"locals begin with other values, so the verdict does not count: \"{At(first, at)}\" there, "
            + $"\"{At(second, at)}\" here");
        return ExitCode.Violation;
    }

    private (int Exit, string Out, string Error) Kept(WorkerTask task)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture), error = new(CultureInfo.InvariantCulture);
        var exit = taken(task, Terminal.Plain(output, error));
        return (exit, output.ToString(), error.ToString());
    }

    private static string At(List<string> lines, int at) => at < lines.Count ? lines[at].Trim() : "nothing";

    /// <summary>Without what depends on how fast the process was.</summary>
    private static List<string> Lines(string text) =>
        [.. text.Split('\n').Select(line => Speed().Replace(line.TrimEnd(), ""))];

    [GeneratedRegex(@"[\d.,]+ s\b|[\d,]+ states/s|""[a-zA-Z]*[sS]econds?"": *[\d.]+")]
    private static partial Regex Speed();

    /// <summary>Writes to both.</summary>
    private sealed class Both(TextWriter one, TextWriter other) : TextWriter(CultureInfo.InvariantCulture)
    {
        public override System.Text.Encoding Encoding => one.Encoding;

        public override void Write(char value)
        {
            one.Write(value);
            other.Write(value);
        }

        public override void Write(string? value)
        {
            one.Write(value);
            other.Write(value);
        }

        public override void Flush() => one.Flush();
    }
}
