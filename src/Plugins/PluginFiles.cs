using System.Security.Cryptography;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Plugins.C;

namespace UapiLab.Plugins;

/// <summary>From what the user names to plugins.</summary>
internal static class PluginFiles
{
    /// <summary>Loads them in the order given; a folder stands for every .cs, .c and .dll directly in it.</summary>
    /// <param name="paths">Sources, projects, assemblies, folders.</param>
    /// <param name="builds">Folder that keeps what was compiled, so that it is compiled once.</param>
    /// <exception cref="InputException">One cannot be loaded; the message says which and why.</exception>
    /// <param name="sanitised">C is compiled with AddressSanitizer.</param>
    public static IReadOnlyList<Plugin> Load(IEnumerable<string> paths, string builds, bool sanitised = false) =>
        [.. paths.SelectMany(Expand).Select(path => Load(path, builds, null, sanitised))];

    /// <summary>Compiles what is source and loads none of it, so that a limit on a plugin's time is not the
    /// compiler's.</summary>
    /// <param name="paths">Sources, projects, assemblies, folders.</param>
    /// <param name="builds">Folder that keeps what was compiled.</param>
    /// <param name="cancellation">Ends the build of a project.</param>
    /// <param name="sanitised">C is compiled with AddressSanitizer.</param>
    /// <param name="warned">Told what a compiler of C warns of.</param>
    /// <exception cref="PluginSourceException">It does not compile.</exception>
    public static void Compile(IEnumerable<string> paths, string builds, CancellationToken cancellation = default,
        bool sanitised = false, Action<string>? warned = null)
    {
        foreach (var path in paths.SelectMany(Expand))
        {
            _ = Path.GetExtension(path) switch
            {
                ".cs" => SourcePlugin.Compile(path, builds),
                ".c" => CSource.Compile(path, builds, sanitised, warned),
                ".csproj" => ProjectPlugin.Build(path, cancellation),
                _ => path,
            };
        }
    }

    /// <summary>Loads one file, and makes those of its classes that are named, or all.</summary>
    /// <exception cref="InputException">It cannot be loaded; the message says why.</exception>
    public static Plugin Load(string path, string builds, IReadOnlyList<string>? classes, bool sanitised = false) =>
        Path.GetExtension(path) switch
        {
            ".cs" => PluginAssembly.Load(path, SourcePlugin.Compile(path, builds), classes),
            ".c" => new(path, Sha256(path), [CFamily.Load(path, CSource.Compile(path, builds, sanitised))]),
            ".csproj" => PluginAssembly.Load(path, ProjectPlugin.Build(path, CancellationToken.None), classes),
            ".dll" => PluginAssembly.Load(path, path, classes),
            _ => throw new InputException($"--plugin {path}",
                "expected a .cs, .c, .csproj or .dll, or a folder of them"),
        };

    /// <summary>Whether it is what a half in C may not do, told as such.</summary>
    public static bool IsRefusal(Exception? e) =>
        e is not null && (e is HalfInCException || IsRefusal(e.InnerException));

    /// <summary>The first file in C; null if there is none.</summary>
    public static string? CIn(IEnumerable<string> paths) =>
        paths.SelectMany(Expand).FirstOrDefault(path => Path.GetExtension(path) == ".c");

    private static IReadOnlyList<string> Expand(string path)
    {
        if (!Directory.Exists(path))
        {
            return File.Exists(path) ? [path] : throw new InputException($"--plugin {path}", "no such file or folder");
        }

        // The contract is often copied beside an assembly that is built against it.
        string[] files =
        [
            .. Directory.EnumerateFiles(path)
                .Where(f => Path.GetExtension(f) is ".cs" or ".c" or ".dll"
                    && Path.GetFileNameWithoutExtension(f) != PluginAssembly.Contract)
                .Order(StringComparer.Ordinal),
        ];
        return files.Length > 0 ? files
            : throw new InputException($"--plugin {path}", "expected a .cs, .c or .dll directly in this folder");
    }

    private static string Sha256(string path) => Convert.ToHexStringLower(
        SHA256.HashData(InputFile.Read(path, "a plugin in C", CancellationToken.None)));
}
