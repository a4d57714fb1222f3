using System.Text.RegularExpressions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Cli.New;

/// <summary>Fills in the templates and writes them where nothing is.</summary>
internal static partial class NewJob
{
    public static int Run(Terminal terminal, string folder)
    {
        var id = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        if (!Id().IsMatch(id))
        {
            throw new InputException($"new {folder}",
                "expected a name of lower-case letters, digits and single dashes that begins with a letter, such as "
                + "my-idea");
        }

        var name = string.Concat(id.Split('-').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        (string Path, string Template)[] files =
        [
            (Path.Combine(folder, name + ".cs"), "Idea.cs.txt"),
            (Path.Combine(folder, "proposal", "README.md"), "proposal.md"),
            (Path.Combine(folder, "proposal", "proposal.json"), "proposal.json.txt"),
        ];
        if (files.Select(f => f.Path).FirstOrDefault(File.Exists) is { } there)
        {
            throw new InputException(there, "exists already, expected a name that is not taken");
        }

        foreach (var (path, template) in files)
        {
            OutputFile.WriteNew(path, Template(template).Replace("my-idea", id, StringComparison.Ordinal)
                .Replace("MyIdea", name, StringComparison.Ordinal));
            terminal.Out.WriteLine(path);
        }

        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"uapilab check {id} --plugin {files[0].Path}");
        terminal.Out.WriteLine($"uapilab compare single-bit {id} --plugin {files[0].Path} --proposals {folder}");
        return ExitCode.Fine;
    }

    private static string Template(string name)
    {
        using var stream = typeof(NewJob).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    private static partial Regex Id();
}
