using UapiLab.Tests;

namespace UapiLab.Tidy.Tests;

/// <summary>The source tree these tests inspect.</summary>
internal static class Repository
{
    private static readonly string[] s_generatedFolders =
        [".git", "bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>Absolute path of the folder that holds the solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Tracked files, relative to <see cref="Root"/>, with forward slashes, in ordinal order.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    public static string FullPath(string relativePath) => Path.Combine(Root, relativePath);

    /// <summary>Whether the file holds a NUL byte near its start, the test git itself uses.</summary>
    public static bool IsBinary(byte[] content) => content.AsSpan(0, Math.Min(content.Length, 8000)).Contains((byte)0);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "UapiLab.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No UapiLab.sln above {AppContext.BaseDirectory}.");
    }

    private static string[] ListFiles()
    {
        // A source archive has no git data, and git may be absent: then every file that is not build output counts.
        IEnumerable<string> files = TrackedFiles() ?? WalkFiles(Root);
        return [.. files.Where(file => File.Exists(FullPath(file))).Order(StringComparer.Ordinal)];
    }

    private static string[]? TrackedFiles()
    {
        if (!Tool.Git.IsHere)
        {
            return null;
        }

        (int exit, string listing, _) = Tool.Run(Root, "", "git", "ls-files", "-z");
        string[] files = listing.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return exit == 0 && files.Length > 0 ? files : null;
    }

    private static IEnumerable<string> WalkFiles(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            yield return Path.GetRelativePath(Root, file).Replace('\\', '/');
        }

        foreach (string inner in Directory.EnumerateDirectories(folder))
        {
            if (!s_generatedFolders.Contains(Path.GetFileName(inner)))
            {
                foreach (string file in WalkFiles(inner))
                {
                    yield return file;
                }
            }
        }
    }
}
