using System.ComponentModel;
using System.Diagnostics;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>gcc and abidiff, in a folder of their own. A tool that is not installed skips the test, which fails where
/// everything is expected to run (.ci/run).</summary>
internal sealed class Tool : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("uapilab-uapi-");

    /// <summary>Flags of gcc for the two ABIs, by the ABI's name.</summary>
    public static IReadOnlyDictionary<string, string> Modes { get; } = new Dictionary<string, string> { ["x86-64"] = "-m64", ["i386"] = "-m32" };

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Compiles C as check-uapi does, without a C library; null if that went well, otherwise what gcc said.</summary>
    public string? Compile(string source, string mode, string output = "a.so")
    {
        // abidiff refuses a file without any symbol.
        File.WriteAllText(Path("source.c"), source + "\nint uapilab_anchor(void) { return 0; }\n");
        (int exit, string text) = Run("gcc", mode, "-shared", "-nostdlib", "-fPIC", "-O0", "-std=gnu11", "-Wall", "-Wextra", "-Werror",
            "-g", "-fno-eliminate-unused-debug-types", "-o", Path(output), Path("source.c"));
        return exit == 0 ? null : text;
    }

    /// <summary>Compiles and runs a program; what it printed.</summary>
    public string Output(string source)
    {
        File.WriteAllText(Path("program.c"), source);
        (int exit, string text) = Run("gcc", "-std=gnu11", "-o", Path("program"), Path("program.c"));
        Assert.True(exit == 0, text);
        (exit, text) = Run(Path("program"));
        Assert.Equal(0, exit);
        return text;
    }

    /// <summary>abidiff's exit code on two compiled files: 0 is no change.</summary>
    public int Abidiff(string old, string now, string suppressions = "")
    {
        File.WriteAllText(Path("suppressions"), suppressions);
        (int exit, string text) = Run("abidiff", "--non-reachable-types", "--suppressions", Path("suppressions"), Path(old), Path(now));
        // Bits 0 and 1: abidiff itself failed.
        Assert.True((exit & 3) == 0, text);
        return exit;
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    private static (int Exit, string Text) Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed.");
            throw;
        }
    }
}
