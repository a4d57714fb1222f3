using System.Runtime.InteropServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Bench;

/// <summary>Does what a <c>bench</c> command line asks for.</summary>
internal static class BenchJob
{
    private const long OperationsPerRun = 100_000;

    public static int Run(Terminal terminal, EncodingRegistry registry, BenchRequest request,
        CancellationToken cancellation)
    {
        var encodings = request.Encodings(registry);
        using var c = CBaseline.Compile(request.Compiler);
        var words = new WordsBench(c, request.Pairs, OperationsPerRun);
        terminal.Out.WriteLine(
            $"{request.Pairs} pairs of runs a row, in turns; medians; {Environment.ProcessorCount} cores, "
            + $"{RuntimeInformation.FrameworkDescription}, C by {c.CompiledBy}");
        terminal.Out.WriteLine(BenchText.Heading);
        foreach (var encoding in encodings.Where(WordsBench.Has))
        {
            foreach (var row in words.Run(encoding))
            {
                Tell(BenchText.Line(row));
            }
        }

        foreach (var line in LabSpeed.Lines(encodings, request.Pairs))
        {
            Tell(line);
        }

        return ExitCode.Fine;

        void Tell(string line)
        {
            terminal.Out.WriteLine(line);
            request.Heartbeat("after " + line[..Math.Min(line.Length, 60)].TrimEnd());
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
