using System.ComponentModel;
using System.Diagnostics;
using UapiLab.Harness.Foundation;

namespace UapiLab.Plugins;

/// <summary>A project, built as its author would build it.</summary>
internal static class ProjectPlugin
{
    /// <summary>For its build; a target of the project may have no end.</summary>
    private const int MostMinutes = 10;

    /// <summary>Where it finds no SDK the dotnet command ends with SdkResolveFailure, 0x8000809b, of which Unix keeps
    /// the low byte.</summary>
    private const int NoSdk = 0x9b;

    /// <param name="path">The project.</param>
    /// <param name="cancellation">Ends the build.</param>
    /// <param name="dotnet">The command that builds.</param>
    /// <returns>The assembly.</returns>
    public static string Build(string path, CancellationToken cancellation, string dotnet = "dotnet")
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(TimeSpan.FromMinutes(MostMinutes));
        var (exit, output) = Run(dotnet, bound.Token, "build", path, "-c", "Release", "-nologo", "-v", "quiet",
            "-consoleLoggerParameters:NoSummary");
        cancellation.ThrowIfCancellationRequested();
        if (bound.IsCancellationRequested)
        {
            throw new InputException(path, Invariant($"dotnet build has not ended after {MostMinutes} minutes"));
        }

        if ((exit & 0xff) == NoSdk)
        {
            throw Sdkless(path);
        }

        if (exit != 0)
        {
            var errors = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(l => l.Contains("error", StringComparison.Ordinal)).Select(l => l.Trim()).Distinct();
            throw new PluginSourceException(string.Join('\n', errors.DefaultIfEmpty($"{path}: dotnet build failed")));
        }

        var file = Run(dotnet, bound.Token, "msbuild", path, "-p:Configuration=Release", "-getProperty:TargetPath",
            "-nologo").Output.Trim();
        return File.Exists(file) ? file : throw new InputException(path, "expected a project that builds an assembly");
    }

    private static (int Exit, string Output) Run(string dotnet, CancellationToken bound, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(dotnet, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["DOTNET_CLI_UI_LANGUAGE"] = "en" }
            };
            // A limit on the plugin is none on the compiler.
            start.Environment.Remove("DOTNET_GCHeapHardLimit");
            using var process = Process.Start(start)!;
            using var ends = bound.Register(() => process.Kill(entireProcessTree: true));
            var complaints = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output.Length > 0 ? output : complaints.Result);
        }
        catch (Win32Exception)
        {
            throw Sdkless(arguments[1]);
        }
    }

    private static InputException Sdkless(string path) => new(path,
        "needs the .NET SDK to be built, which the PATH does not lead to: install the .NET 10 SDK, or give a .cs file");
}
