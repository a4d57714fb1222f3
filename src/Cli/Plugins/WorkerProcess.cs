using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace UapiLab.Cli.Plugins;

/// <summary>This program once more, in a process of its own.</summary>
internal static class WorkerProcess
{
    public static ProcessStartInfo Start(IEnumerable<string> words, PluginLimits limits)
    {
        var program = Path.ChangeExtension(typeof(WorkerProcess).Assembly.Location, ".dll");
        var runtime = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return new(Path.Combine(runtime, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"), ["exec", program, .. words])
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
