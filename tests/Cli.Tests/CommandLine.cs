namespace UapiLab.Cli.Tests;

/// <summary>One command line, run in this process in a folder of its own.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("uapilab-cli-");

    /// <summary>Exit code, standard output and standard error.</summary>
    internal sealed record Outcome(int Exit, string Out, string Error);

    public void Dispose() => _folder.Delete(recursive: true);

    public string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(name))!);
        File.WriteAllText(Path(name), text);
        return Path(name);
    }

    /// <summary>A folder that is there, empty unless something was written to it.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path(name)).FullName;

    public static async Task<Outcome> Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var exit = await Program.RunAsync(args, output, error);
        return new(exit, output.ToString(), error.ToString());
    }

    /// <summary><c>compare</c> on something small, with reports and proposals in the folder.</summary>
    public Task<Outcome> Compare(params string[] args) =>
        Run(["compare", "--out", Path("out"), "--proposals", Folder("proposals"), "--cells-only", "--seeds", "2",
            .. args]);
}
