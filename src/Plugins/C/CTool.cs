using System.ComponentModel;
using System.Diagnostics;
using UapiLab.Harness.Foundation;

namespace UapiLab.Plugins.C;

/// <summary>A C compiler, and what comes with every one.</summary>
internal static class CTool
{
    /// <summary>For one file; a compiler may have no end.</summary>
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(2);

    /// <summary>What $CC names, else gcc, else clang.</summary>
    /// <param name="path">The file that needs it.</param>
    /// <returns>Its command, and its first line about itself.</returns>
    /// <exception cref="InputException">There is none.</exception>
    public static (string Command, string Version) Compiler(string path)
    {
        string?[] candidates = [Environment.GetEnvironmentVariable("CC"), "gcc", "clang"];
        foreach (var command in candidates)
        {
            if (!string.IsNullOrEmpty(command) && TryRun(command, ["--version"]) is { Exit: 0 } about)
            {
                return (command, about.Out.Split('\n')[0].Trim());
            }
        }

        throw new InputException(path, "needs a C compiler, which the PATH does not lead to: install gcc or clang "
            + "(Debian: gcc libc6-dev)");
    }

    /// <summary>Runs a tool that comes with a compiler.</summary>
    /// <exception cref="InputException">It is not there.</exception>
    public static (int Exit, string Out, string Error) Run(string path, string command, params string[] arguments) =>
        TryRun(command, arguments) ?? throw new InputException(path,
            $"needs {command}, which the PATH does not lead to: install binutils");

    /// <returns>Null if there is no such command.</returns>
    public static (int Exit, string Out, string Error)? TryRun(string command, string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(command, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["LC_ALL"] = "C" },
            };
            // What is meant for the code of a plugin is not meant for its compiler.
            start.Environment.Remove("LD_PRELOAD");
            using var process = Process.Start(start)!;
            using var bound = new CancellationTokenSource(s_most);
            using var ends = bound.Token.Register(() => process.Kill(entireProcessTree: true));
            var complaints = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, complaints.Result);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
