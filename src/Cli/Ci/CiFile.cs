using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Cli.Ci;

/// <summary>A file for another tool that a command writes beside what it prints (docs/ci.md). It is tried before
/// anything is computed. What was there is replaced only if it says that it was written here.</summary>
internal sealed class CiFile
{
    /// <summary>Stands near the beginning of every such file.</summary>
    public const string Mark = "uapilab";

    /// <summary>Begins every trace that is not a recording as it was. The name alone also stands in recordings of
    /// ours.</summary>
    public const string TraceMark = "# written by uapilab: ";

    private const int MarkWithin = 512;
    private const string Expected = "a file that uapilab wrote";

    private CiFile(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Finds out whether it can be written.</summary>
    /// <param name="option">By which option it was asked for.</param>
    /// <param name="path">The file; null: it was not.</param>
    /// <param name="mark">By which a file of ours is known.</param>
    /// <exception cref="InputException">It cannot, or is a file of somebody else.</exception>
    public static CiFile? Of(string option, string? path, string mark = Mark)
    {
        if (path is null)
        {
            return null;
        }

        if (OutputFile.HasContent(path)
            && !System.Text.Encoding.UTF8.GetString(InputFile.BeginOf(path, Expected, MarkWithin))
                .Contains(mark, StringComparison.Ordinal))
        {
            throw new InputException($"{option} {path}", $"expected {Expected}, or none");
        }

        OutputFile.Try(path);
        return new(path);
    }

    /// <exception cref="InputException">It cannot be written after all.</exception>
    public void Write(string text) => OutputFile.Write(Path, text);

    /// <returns>The exit code, or that of bad input if the file could not be written after all.</returns>
    public int Write(TextWriter error, string text, int exit)
    {
        try
        {
            Write(text);
            return exit;
        }
        catch (InputException e)
        {
            error.WriteLine("uapilab: " + e.Message);
            return exit == ExitCode.Internal ? exit : ExitCode.BadInput;
        }
    }
}
