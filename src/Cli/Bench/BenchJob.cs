using System.Runtime.InteropServices;

namespace UapiLab.Cli.Bench;

/// <summary>Does what a <c>bench</c> command line asks for.</summary>
internal static class BenchJob
{
    public static int Run(Terminal terminal, BenchRequest request, CancellationToken cancellation)
    {
        using var c = CBaseline.Compile(request.Compiler);
        var words = new WordsBench(request, c);
        terminal.Out.WriteLine($"{request.Pairs} pairs of runs a row, in turns; medians; {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, C by {c.CompiledBy}");
        terminal.Out.WriteLine(BenchText.Heading);
        foreach (var encoding in request.Encodings)
        {
            foreach (var row in words.Run(encoding))
            {
                terminal.Out.WriteLine(BenchText.Line(row));
                cancellation.ThrowIfCancellationRequested();
            }
        }

        foreach (var line in LabSpeed.Lines(request.Encodings))
        {
            terminal.Out.WriteLine(line);
            cancellation.ThrowIfCancellationRequested();
        }

        return ExitCode.Fine;
    }
}
