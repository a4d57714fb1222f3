using System.Reflection;
using System.Runtime.InteropServices;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;

namespace UapiLab.Cli.Compare;

/// <summary>The part of a report that may differ between two runs of one command.</summary>
internal static class RunContext
{
    /// <summary>Of the program.</summary>
    public static string Version { get; } = Assembly.GetExecutingAssembly()
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static ReportContext Of(TimeSpan elapsed, ComparisonReport report) => new(
    [
        new("version", Version),
        new("runtime", RuntimeInformation.FrameworkDescription),
        new("os", RuntimeInformation.OSDescription),
        new("architecture", RuntimeInformation.OSArchitecture.ToString()),
        new("cores", Invariant($"{Environment.ProcessorCount}")),
    ],
    [
        new("wallSeconds", Math.Round((decimal)elapsed.TotalSeconds, 3)),
        new("runsPerSecond", elapsed.TotalSeconds > 0 ? Math.Round((decimal)(report.Runs / elapsed.TotalSeconds), 1)
            : 0),
    ]);
}
