using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using UapiLab.Cli.Bench;

namespace UapiLab.Bench;

/// <summary>From nothing to the end of <c>uapilab list</c>.</summary>
[Config(typeof(Alone))]
public class StartUp
{
    [Benchmark]
    public int List()
    {
        using var process =
            Process.Start(new ProcessStartInfo("dotnet",
                [typeof(WordsBench).Assembly.Location, "list"])
            { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
