using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Cli.Ci;

/// <summary>A file for another tool that a command writes beside what it prints (docs/ci.md). It is tried before
/// anything is computed. What was there is replaced only if it says that it was written here.</summary>
internal sealed class CiFile
{
    /// <summary>Stands near the beginning of every such file.</summary>
    public const string Mark = "uapilab";

    private const int MarkWithin = 512;
    private const string Expected = "a file that uapilab wrote";

    private CiFile(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Finds out whether it can be written.</summary>
    /// <param name="option">By which option it was asked for.</param>
    /// <param name="path">The file; null: it was not.</param>
    /// <exception cref="InputException">It cannot, or is a file of somebody else.</exception>
    public static CiFile? Of(string option, string? path)
    {
        if (path is null)
        {
            return null;
        }

        // A stream has no length.
        if (new FileInfo(path) is { Exists: true, Length: > 0 })
        {
            var there = InputFile.Read(path, Expected, CancellationToken.None);
            var begin = System.Text.Encoding.UTF8.GetString(there.AsSpan(0, Math.Min(MarkWithin, there.Length)));
            if (!begin.Contains(Mark, StringComparison.Ordinal))
            {
                throw new InputException($"{option} {path}", $"expected {Expected}, or none");
            }
        }

        OutputFile.Try(path);
        return new(path);
    }

    /// <returns>The exit code, or that of bad input if the file could not be written after all.</returns>
    public int Write(TextWriter error, string text, int exit)
    {
        try
        {
            OutputFile.Write(Path, text);
            return exit;
        }
        catch (InputException e)
        {
            error.WriteLine("uapilab: " + e.Message);
            return exit == ExitCode.Internal ? exit : ExitCode.BadInput;
        }
    }
}
