using System.Text.RegularExpressions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Plugins.C;

namespace UapiLab.Cli.New;

/// <summary>Fills in the templates and writes them where nothing is.</summary>
internal static partial class NewJob
{
    /// <summary>What the file is written in, as in <c>--language</c>.</summary>
    /// <exception cref="InputException">It is no such language.</exception>
    public static string Language(string name) => name is "c" or "csharp" ? name
        : throw new InputException($"--language {name}", "expected c or csharp");

    public static int Run(Terminal terminal, string folder, string language, IEnumerable<string> taken)
    {
        var id = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        if (!Id().IsMatch(id))
        {
            throw new InputException($"new {folder}",
                "expected a name of lower-case letters, digits and single dashes that begins with a letter, such as "
                + "my-idea");
        }

        if (taken.Contains(id))
        {
            throw new InputException($"new {folder}", $"{id} is an encoding of the lab, expected another name");
        }

        var name = string.Concat(id.Split('-').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        (string Path, string Text)[] files =
        [
            .. language == "c"
                ? [(Path.Combine(folder, id + ".c"), Template("idea.c.txt")),
                    (Path.Combine(folder, CSource.Header), CSource.HeaderText)]
                : new[] { (Path.Combine(folder, name + ".cs"), Template("Idea.cs.txt")) },
            (Path.Combine(folder, "proposal", "README.md"), Template("proposal.md")),
            (Path.Combine(folder, "proposal", "proposal.json"), Template("proposal.json.txt")),
        ];
        if (files.Select(f => f.Path).FirstOrDefault(File.Exists) is { } there)
        {
            throw new InputException(there, "exists already, expected a name that is not taken");
        }

        foreach (var (path, text) in files)
        {
            OutputFile.WriteNew(path, text.Replace("my-idea", id, StringComparison.Ordinal)
                .Replace("MyIdea", name, StringComparison.Ordinal));
            terminal.Out.WriteLine(path);
        }

        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"uapilab check {id} --plugin {files[0].Path}");
        terminal.Out.WriteLine($"uapilab compare single-bit {id} --plugin {files[0].Path} --proposals {folder}");
        return ExitCode.Fine;
    }

    /// <summary>The text of a template.</summary>
    public static string Template(string name)
    {
        using var stream = typeof(NewJob).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    private static partial Regex Id();
}
