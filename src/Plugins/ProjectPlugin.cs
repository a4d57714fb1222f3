using System.ComponentModel;
using System.Diagnostics;
using UapiLab.Harness.Foundation;

namespace UapiLab.Plugins;

/// <summary>A project, built as its author would build it.</summary>
internal static class ProjectPlugin
{
    /// <summary>For its build; a target of the project may have no end.</summary>
    private const int MostMinutes = 10;

    /// <returns>The assembly.</returns>
    public static string Build(string path, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(TimeSpan.FromMinutes(MostMinutes));
        var (exit, output) = Dotnet(bound.Token, "build", path, "-c", "Release", "-nologo", "-v", "quiet",
            "-consoleLoggerParameters:NoSummary");
        cancellation.ThrowIfCancellationRequested();
        if (bound.IsCancellationRequested)
        {
            throw new InputException(path, Invariant($"dotnet build has not ended after {MostMinutes} minutes"));
        }

        if (exit != 0)
        {
            var errors = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(l => l.Contains("error", StringComparison.Ordinal)).Select(l => l.Trim()).Distinct();
            throw new PluginSourceException(string.Join('\n', errors.DefaultIfEmpty($"{path}: dotnet build failed")));
        }

        var file = Dotnet(bound.Token, "msbuild", path, "-p:Configuration=Release", "-getProperty:TargetPath",
            "-nologo").Output.Trim();
        return File.Exists(file) ? file : throw new InputException(path, "expected a project that builds an assembly");
    }

    private static (int Exit, string Output) Dotnet(CancellationToken bound, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo("dotnet", arguments)
            {
                RedirectStandardOutput = true,
                Environment = { ["DOTNET_CLI_UI_LANGUAGE"] = "en" }
            };
            // A limit on the plugin is none on the compiler.
            start.Environment.Remove("DOTNET_GCHeapHardLimit");
            using var process = Process.Start(start)!;
            using var ends = bound.Register(() => process.Kill(entireProcessTree: true));
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output);
        }
        catch (Win32Exception)
        {
            throw new InputException(arguments[1], "needs the dotnet command to be built, expected it on the PATH");
        }
    }
}
