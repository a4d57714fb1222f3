using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Cli;

/// <summary>The files that a command writes beside what it prints. They are tried before anything is computed. One that
/// cannot be written later is told of and costs nothing but itself.</summary>
internal sealed class OutputFolder
{
    private readonly TextWriter _error;
    private readonly string _path;
    private bool _hasFailed;

    /// <param name="error">Where failures are told.</param>
    /// <param name="path">The folder.</param>
    /// <param name="names">Files that are known to be written.</param>
    /// <exception cref="InputException">The folder or one of the files cannot be written.</exception>
    public OutputFolder(TextWriter error, string path, params IEnumerable<string> names)
    {
        _error = error;
        _path = path;
        OutputFile.TryFolder(path);
        foreach (var name in names)
        {
            OutputFile.Try(Path.Combine(path, name));
        }
    }

    /// <returns>Where it is; null if it could not be written.</returns>
    public string? Write(string name, string text)
    {
        var path = Path.Combine(_path, name);
        return Try(() => OutputFile.Write(path, text)) ? path : null;
    }

    /// <summary>Lets a name stand for a folder beside it.</summary>
    public void Link(string path, string target) => Try(() => OutputFile.Link(path, target));

    private bool Try(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (InputException e)
        {
            _hasFailed = true;
            _error.WriteLine("uapilab: " + e.Message);
            return false;
        }
    }

    /// <summary>An exit code, or that of a file that could not be written where this says more.</summary>
    public int Exit(int exit) => _hasFailed && exit != ExitCode.Internal ? ExitCode.BadInput : exit;
}
