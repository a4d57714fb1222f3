using System.Globalization;
using System.Text.RegularExpressions;
using UapiLab.Plugins.C;

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
    public int Take(WorkerTask task, CancellationToken cancellation)
    {
        if (CSource.Sanitiser(file) is not { } library)
        {
            terminal.Error.WriteLine($"uapilab: {file}: no AddressSanitizer here (Debian: it comes with gcc); the "
                + "verdict is taken once");
            return taken(task, terminal);
        }

        // First, so that the files that are written are those of the second.
        var (sanitisedExit, sanitised, complaints) = Kept(task with { Sanitiser = library });
        if (cancellation.IsCancellationRequested)
        {
            terminal.Error.WriteLine("uapilab: interrupted");
            return ExitCode.Undecided;
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

        terminal.Error.WriteLine($"uapilab: {file}: built with AddressSanitizer it is judged otherwise, so the verdict "
            + $"does not count: {Why(complaints, first, second)}");
        return ExitCode.Violation;
    }

    private (int Exit, string Out, string Error) Kept(WorkerTask task)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture), error = new(CultureInfo.InvariantCulture);
        var exit = taken(task, Terminal.Plain(output, error));
        return (exit, output.ToString(), error.ToString());
    }

    private static string Why(string complaints, List<string> first, List<string> second)
    {
        var complaint = complaints.Split('\n').FirstOrDefault(l => l.StartsWith("uapilab: ", StringComparison.Ordinal));
        if (complaint is not null)
        {
            return complaint["uapilab: ".Length..].Replace("plugin: ", "", StringComparison.Ordinal);
        }

        var at = first.Zip(second).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"\"{At(first, at)}\" there, \"{At(second, at)}\" here";
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
