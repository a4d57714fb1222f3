using System.Diagnostics;

namespace UapiLab.Cli.Plugins;

/// <summary>Has a command done by a worker: its output is ours, and its death is one line.</summary>
internal static class Supervisor
{
    public static int Run(Terminal terminal, IReadOnlyList<string> words, PluginLimits limits,
        CancellationToken cancellation)
    {
        var (exit, end) = Watch(terminal.Out, terminal.Error, words, limits, cancellation);
        if (end is null)
        {
            return exit;
        }

        terminal.Error.WriteLine(cancellation.IsCancellationRequested ? "uapilab: interrupted"
            : $"uapilab: plugin: {end}");
        return cancellation.IsCancellationRequested ? ExitCode.Undecided : ExitCode.Violation;
    }

    /// <summary>The same for a caller who makes something else of its death.</summary>
    /// <returns>Its exit code, and how it ended if not by itself.</returns>
    public static (int Exit, string? End) Watch(TextWriter output, TextWriter error, IReadOnlyList<string> words,
        PluginLimits limits, CancellationToken cancellation)
    {
        using var process = Process.Start(WorkerProcess.Start(words, limits))!;
        using var ending = cancellation.Register(() => Interrupt(process));
        var last = new WorkerExitReport();
        var errors = Task.Run(() => Copy(process.StandardError, error, last), CancellationToken.None);
        var buffer = new char[4_096];
        for (int count; (count = process.StandardOutput.Read(buffer)) > 0;)
        {
            output.Write(buffer, 0, count);
        }

        errors.Wait(CancellationToken.None);
        process.WaitForExit();
        // Bad input is told by the worker itself, before it is done.
        if (last.IsDone || process.ExitCode is ExitCode.BadInput && last.IsSilent)
        {
            return (process.ExitCode, null);
        }

        return (process.ExitCode, last.Describe(process.ExitCode, limits));
    }

    /// <summary>A signal from the terminal has reached the worker too; time to write what it has.</summary>
    private static void Interrupt(Process process) => _ = Task.Run(() =>
    {
        if (!process.WaitForExit(5_000))
        {
            process.Kill();
        }
    });

    private static void Copy(StreamReader from, TextWriter to, WorkerExitReport last)
    {
        while (from.ReadLine() is { } line)
        {
            if (!last.Takes(line))
            {
                to.WriteLine(line);
            }
        }
    }
}
