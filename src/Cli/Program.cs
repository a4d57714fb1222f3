using System.CommandLine;
using System.ComponentModel;
using System.Runtime.InteropServices;
using UapiLab.Cli.Commands;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Plugins;

namespace UapiLab.Cli;

/// <summary>Entry point of the <c>uapilab</c> command.</summary>
internal static class Program
{
    /// <summary>SIGXFSZ, which has a number on every Unix and no name here.</summary>
    private const int FileSizeLimit = 25;

    private static async Task<int> Main(string[] args)
    {
        if (args is [WorkerSide.Word, var questions, var answers])
        {
            return await WorkerSide.Run(questions, answers);
        }

        try
        {
            return await RunWithSignals(args, Terminal.OfProcess());
        }
        catch (Exception e) when (e is IOException or TypeInitializationException)
        {
            // The program itself could not be loaded, so nothing of it may be needed here.
            try
            {
                Console.Error.WriteLine("uapilab: too few file descriptors? " + (e.InnerException ?? e).Message
                    .ReplaceLineEndings(" "));
            }
            catch (Exception unsaid) when (unsaid is IOException or TypeInitializationException)
            {
                // The exit code has to do.
            }

            return ExitCode.BadInput;
        }
    }

    private static async Task<int> RunWithSignals(string[] args, Terminal terminal)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => StopOnce(context, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => StopOnce(context, stop));
        // A file that reaches the limit of its size is one that cannot be written, not the end.
        using var tooLarge = OperatingSystem.IsWindows() ? null
            : PosixSignalRegistration.Create((PosixSignal)FileSizeLimit, context => context.Cancel = true);
        return await RunAsync(args, terminal, null, stop.Token);
    }

    /// <summary>Runs one command line, writing only to the given writers; returns the exit code.</summary>
    internal static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error,
        CancellationToken cancellation = default) =>
        RunAsync(args, Terminal.Plain(output, error), null, cancellation);

    /// <summary>The same, for writers that may be terminals, and in a worker.</summary>
    internal static async Task<int> RunAsync(string[] args, Terminal terminal, WorkerSide? worker,
        CancellationToken cancellation)
    {
        try
        {
            var parsed = CommandTree.Build(terminal, args, worker).Parse(args);
            if (parsed.Errors.Count > 0)
            {
                // The library's default prints the whole help on standard output and exits 1.
                terminal.Error.WriteLine($"uapilab: {CommandTree.Wrong(parsed)}");
                return ExitCode.BadInput;
            }

            var configuration = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (Exception e) when (e is InputException or TraceFormatException)
        {
            terminal.Error.WriteLine($"uapilab: {e.Message}");
            return ExitCode.BadInput;
        }
        catch (PluginSourceException e)
        {
            terminal.Error.WriteLine(e.Message);
            return ExitCode.BadInput;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            terminal.Error.WriteLine("uapilab: interrupted");
            return ExitCode.Undecided;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            // What the system refused: files, processes, descriptors.
            var hint = e is FileNotFoundException { FileName: { } file }
                && file.Contains(", Version=", StringComparison.Ordinal) ? "too few file descriptors? " : "";
            terminal.Error.WriteLine($"uapilab: {hint}{CleanText.Printable(e.Message)}");
            return ExitCode.BadInput;
        }
        catch (Exception e)
        {
            terminal.Error.WriteLine($"uapilab: internal error: {e}");
            return ExitCode.Internal;
        }
    }

    /// <summary>The first signal asks to stop and report; the second one ends the process as usual.</summary>
    private static void StopOnce(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = !stop.IsCancellationRequested;
        stop.Cancel();
    }
}
