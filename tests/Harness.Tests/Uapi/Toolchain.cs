using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>gcc and abidiff, in a folder of their own. What is not there skips the test.</summary>
internal sealed class Toolchain : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("uapilab-uapi-");

    /// <summary>The two ABIs, by name.</summary>
    public static string[] Abis { get; } = ["x86-64", "i386"];

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Compiles C as check-uapi does, without a C library.</summary>
    /// <returns>Null if that went well, otherwise what gcc said.</returns>
    public string? Compile(string source, string abi = "x86-64", string output = "a.so")
    {
        Tool tool = abi == "i386" ? Tool.Gcc32 : Tool.Gcc64;
        tool.Require();
        // abidiff refuses a file without any symbol.
        (int exit, _, string error) = Run(
            source + "\nint uapilab_anchor(void) { return 0; }\n",
            "gcc", abi == "i386" ? "-m32" : "-m64", "-shared", "-nostdlib", "-fPIC", "-O0", "-std=gnu11",
            "-Wall", "-Wextra", "-Werror", "-g", "-fno-eliminate-unused-debug-types", "-o", output, "-x", "c", "-");
        return exit == 0 ? null : error;
    }

    /// <summary>Has gcc look at a program that needs a C library.</summary>
    /// <returns>Null if nothing is wrong with it, otherwise what gcc said.</returns>
    public string? Check(string program, string abi = "x86-64", params string[] options)
    {
        Tool tool = abi == "i386" ? Tool.Gcc32 : Tool.Gcc64;
        tool.Require();
        Tool.CLibrary.Require();
        (int exit, _, string error) = Run(program, ["gcc", abi == "i386" ? "-m32" : "-m64", "-fsyntax-only",
            "-std=gnu11", "-Wall", "-Wextra", "-Werror", .. options, "-x", "c", "-"]);
        return exit == 0 ? null : error;
    }

    /// <summary>Writes the files of a tree, and has git change them.</summary>
    /// <returns>Null if that went well, otherwise what git said.</returns>
    public string? Apply(IReadOnlyDictionary<string, string> tree, string patch)
    {
        Tool.Git.Require();
        foreach (var (path, text) in tree)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(path))!);
            File.WriteAllText(Path(path), text);
        }

        // Git looks for a repository above the folder, and changes nothing that is not of it.
        (int exit, _, string error) = Run(patch, "env", "GIT_CEILING_DIRECTORIES=" + Path(".."), "git", "apply",
            "--whitespace=error-all", "-");
        return exit == 0 ? null : error;
    }

    /// <summary>A file as it is now.</summary>
    public string Read(string path) => File.ReadAllText(Path(path));

    /// <summary>Compiles and runs a program; what it printed.</summary>
    public string Output(string source)
    {
        Tool.Gcc64.Require();
        Tool.CLibrary.Require();
        (int exit, string text, string error) = Run(source, "gcc", "-std=gnu11", "-o", "program", "-x", "c", "-");
        Assert.True(exit == 0, error);
        (exit, text, _) = Run("", Path("program"));
        Assert.Equal(0, exit);
        return text;
    }

    /// <summary>abidiff's exit code on two compiled files: 0 is no change.</summary>
    public int Abidiff(string old, string now, string suppressions = "")
    {
        Tool.Abidiff.Require();
        File.WriteAllText(Path("suppressions"), suppressions);
        (int exit, string text, string error) = Run(
            "", "abidiff", "--non-reachable-types", "--suppressions", "suppressions", old, now);
        // Bits 0 and 1: abidiff itself failed.
        Assert.True((exit & 3) == 0, text + error);
        return exit;
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    private (int Exit, string Out, string Error) Run(string input, params string[] command) =>
        Tool.Run(_folder.FullName, input, command);
}
