using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Lab.Proposals;

namespace UapiLab.Cli.Proposals;

/// <summary>The evidence of one proposal. Only what was generated is ever replaced or deleted, and nothing behind a
/// link.</summary>
internal sealed class EvidenceFolder(string proposals, string proposal)
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = System.IO.Path.Combine(proposals, proposal, EvidenceFiles.Folder);

    /// <summary>Finds out before anything runs whether it can be written.</summary>
    /// <exception cref="InputException">It cannot, or a link leads elsewhere.</exception>
    public void Try()
    {
        foreach (var folder in new[] { System.IO.Path.GetDirectoryName(Path)!, Path })
        {
            if (IsLink(folder))
            {
                throw new InputException(folder, "expected a folder of its own, found a link: --update changes nothing "
                    + "behind one");
            }
        }

        OutputFile.TryFolder(Path);
    }

    /// <summary>Whether there is none yet.</summary>
    public bool IsEmpty => Generated().Count == 0;

    /// <summary>Names of those that are missing, of another content, or generated once and not any more.</summary>
    public IReadOnlyList<string> Stale(IReadOnlyList<KeyValuePair<string, string>> files)
    {
        var there = Generated();
        return
        [
            .. files.Where(f => there.GetValueOrDefault(f.Key) != f.Value).Select(f => f.Key)
                .Concat(there.Keys.Except(files.Select(f => f.Key))).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Writes them, and deletes what was generated once and is not any more.</summary>
    /// <exception cref="InputException">A file cannot be written, or its place is taken by one that was not
    /// generated.</exception>
    public void Update(IReadOnlyList<KeyValuePair<string, string>> files)
    {
        var there = Generated();
        if (files.FirstOrDefault(f => !there.ContainsKey(f.Key) && Exists(At(f.Key))) is { Key: { } taken })
        {
            throw new InputException(At(taken), "expected no file or a generated one: it is left as it is");
        }

        foreach (var (name, content) in files)
        {
            OutputFile.Write(At(name), content);
        }

        foreach (var name in there.Keys.Except(files.Select(f => f.Key)))
        {
            File.Delete(At(name));
        }
    }

    /// <summary>Files with the mark of this command, by name.</summary>
    private Dictionary<string, string> Generated() => !Directory.Exists(Path) ? []
        : Directory.GetFiles(Path).Where(file => !IsLink(file))
            .Select(file => KeyValuePair.Create(System.IO.Path.GetFileName(file), File.ReadAllText(file)))
            .Where(file => EvidenceFiles.IsGenerated(file.Value)).ToDictionary();

    private string At(string name) => System.IO.Path.Combine(Path, name);

    private static bool Exists(string path) => System.IO.Path.Exists(path) || IsLink(path);

    /// <summary>Also where it leads nowhere.</summary>
    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;
}
