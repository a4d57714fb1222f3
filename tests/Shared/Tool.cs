using System.ComponentModel;
using System.Diagnostics;

namespace UapiLab.Tests;

/// <summary>
/// The table of what tests need from outside the SDK, one row a need. A row says what it is, what tests need it for,
/// the packages of Debian or npm that bring it, and a command that succeeds only where it is there, with what that
/// reads from standard input. A test asks for it with <see cref="Require"/>. Where the command fails the test is
/// skipped with the reason. <c>.ci/run</c> installs the packages that are named here, those of npm below artifacts/npm,
/// and fails on a skip.
/// </summary>
internal sealed class Tool(string name, string neededFor, string debian, string[] probe, string input = "",
    string npm = "")
{
    /// <summary>A script for a page.</summary>
    public static readonly string AxeFile = OfNpm("axe-core/axe.min.js");

    /// <summary>A program that needs nothing else, also no ICU if it is told so.</summary>
    public static readonly string[] SarifCommand =
    [
        "env", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1", OfNpm("@microsoft/sarif-multitool-linux/Sarif.Multitool"),
    ];

    private static readonly string[] s_shared = ["-shared", "-nostdlib", "-fPIC", "-x", "c", "-o", "probe", "-"];

    private readonly Lazy<string?> _complaint = new(() => Complaint(probe, input));

    public static Tool Gcc64 { get; } = new(
        "gcc -m64 with linux/kvm.h", "layouts on x86-64", debian: "gcc linux-libc-dev",
        ["gcc", "-m64", .. s_shared], "#include <linux/kvm.h>\nint probe;\n");

    public static Tool Gcc32 { get; } = new(
        "gcc -m32 with linux/types.h", "layouts on i386", debian: "gcc-multilib linux-libc-dev",
        ["gcc", "-m32", .. s_shared], "#include <linux/types.h>\nint probe;\n");

    public static Tool CLibrary { get; } = new(
        "gcc with a C library", "programs and loops in C", debian: "gcc libc6-dev",
        ["gcc", "-x", "c", "-o", "probe", "-"], "#include <stdio.h>\nint main(void) { return puts(\"\") < 0; }\n");

    public static Tool CPlugins { get; } = new(
        "gcc with AddressSanitizer, and binutils", "plugins in C", debian: "gcc libc6-dev binutils",
        ["gcc", "-fsanitize=address", "-fPIC", "-shared", "-x", "c", "-o", "probe", "-"],
        "#include <linux/types.h>\n#include <stdio.h>\nint probe(void) { return puts(\"\"); }\n");

    public static Tool KvmHeader { get; } = new(
        "linux/kvm.h", "numbers that mainline has given away", debian: "linux-libc-dev",
        ["cat", "/usr/include/linux/kvm.h"]);

    public static Tool Abidiff { get; } = new(
        "abidiff", "comparisons of compiled headers", debian: "abigail-tools", ["abidiff", "--version"]);

    public static Tool Valgrind { get; } = new(
        "valgrind with lackey", "traces recorded just now", debian: "valgrind",
        ["valgrind", "--tool=lackey", "--trace-mem=yes", "--log-file=probe", "/bin/true"]);

    public static Tool Awk { get; } = new(
        "awk", "faults of a tracer turned into CSV", debian: "mawk", ["awk", "BEGIN { exit }"]);

    public static Tool Sh { get; } = new(
        "sh", "reading the recording script", debian: "dash", ["sh", "-n", "-c", ":"]);

    public static Tool Bash { get; } = new(
        "bash", "reading the completion script", debian: "bash", ["bash", "-n", "-c", ":"]);

    public static Tool MakeFifo { get; } = new(
        "mkfifo", "inputs that are streams", debian: "coreutils", ["mkfifo", "probe"]);

    public static Tool Git { get; } = new(
        "git", "telling the tree's files from others", debian: "git", ["git", "--version"]);

    public static Tool Chromium { get; } = new(
        "chromium", "pages as a browser shows them", debian: "chromium", ["chromium", "--version"]);

    public static Tool Axe { get; } = new(
        "axe-core", "what keeps readers from a page", debian: "", ["cat", AxeFile], npm: "axe-core@4.14.1");

    public static Tool SarifMultitool { get; } = new(
        "sarif-multitool", "SARIF held to its schema", debian: "", [.. SarifCommand, "--version"],
        npm: "@microsoft/sarif-multitool-linux@5.7.0");

    public static Tool PythonJsonSchema { get; } = new(
        "python3 with jsonschema", "a second reader of JSON Schemas", debian: "python3-jsonschema",
        ["python3", "-c", "from jsonschema import Draft202012Validator"]);

    public bool IsHere => _complaint.Value is null;

    /// <summary>Skips the test that calls it where the tool is not there.</summary>
    public void Require() =>
        Assert.SkipUnless(IsHere, $"no {name} here ({neededFor}; "
            + $"{(npm.Length > 0 ? "npm" : "Debian")}: {debian}{npm}): {_complaint.Value}");

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, what it printed, and what it complained of.</returns>
    public static (int Exit, string Out, string Error) Run(string folder, string input, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says whether that was well.
        }

        process.WaitForExit();
        return (process.ExitCode, output.Result, error.Result);
    }

    private static string OfNpm(string file) =>
        Path.Combine(GeneratedDoc.Root(), "artifacts/npm/node_modules", file);

    private static string? Complaint(string[] probe, string input)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("uapilab-probe-");
        try
        {
            (int exit, _, string error) = Run(folder.FullName, input, probe);
            string[] lines = error.Split('\n');
            string line = Array.Find(lines, l => l.Contains("error", StringComparison.Ordinal)) ?? lines[0];
            return exit == 0 ? null : $"{probe[0]} ends with {exit}, {line}";
        }
        catch (Win32Exception)
        {
            return $"there is no {probe[0]}";
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
