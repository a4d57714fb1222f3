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
        foreach (var encoding in request.Encodings.Where(WordsBench.Has))
        {
            foreach (var row in words.Run(encoding))
            {
                Tell(BenchText.Line(row));
            }
        }

        foreach (var line in LabSpeed.Lines(request.Encodings, request.Pairs))
        {
            Tell(line);
        }

        return ExitCode.Fine;

        void Tell(string line)
        {
            terminal.Out.WriteLine(line);
            request.Beat("after " + line[..Math.Min(line.Length, 60)].TrimEnd());
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
