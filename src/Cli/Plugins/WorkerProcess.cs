using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace UapiLab.Cli.Plugins;

/// <summary>This program once more, in a process of its own.</summary>
internal static class WorkerProcess
{
    public static ProcessStartInfo Start(IEnumerable<string> words, PluginLimits limits)
    {
        // Started as "dotnet uapilab.dll", as the host beside it, by a test, or bundled with a runtime of its own.
        var program = typeof(WorkerProcess).Assembly.Location;
        var dotnet =
            Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..",
                OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        var (file, prefix) = File.Exists(dotnet) && File.Exists(program) ? (dotnet, new[] { "exec", program })
            : (Environment.ProcessPath!, []);
        return new(file, [.. prefix, .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_GCHeapHardLimit"] = ((long)limits.MemoryMiB << 20).ToString("x", CultureInfo.InvariantCulture),
                // No dump of a process that was expected to die.
                ["DOTNET_DbgEnableMiniDump"] = "0",
            },
        };
    }
}

/// <summary>What a worker may take.</summary>
/// <param name="Seconds">Time without progress: for one run of a comparison, or between two looks of a search at the
/// clock.</param>
/// <param name="MemoryMiB">Managed memory.</param>
internal sealed record PluginLimits(int Seconds, int MemoryMiB);
