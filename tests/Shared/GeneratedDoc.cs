namespace UapiLab.Tests;

/// <summary>Parts of documents that are generated from code: between <c>&lt;!-- generated: name --&gt;</c> and
/// <c>&lt;!-- end --&gt;</c>. With the environment variable UAPILAB_UPDATE_DOCS set, a check writes the part
/// instead.</summary>
internal static class GeneratedDoc
{
    private const string End = "<!-- end -->";

    public static void Check(string document, string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(Root(), document);
        var text = File.ReadAllText(path);
        var start = $"<!-- generated: {name} -->\n";
        var from = text.IndexOf(start, StringComparison.Ordinal);
        Assert.True(from >= 0, $"{document} has no part '{name}'");
        from += start.Length;
        var to = text.IndexOf(End, from, StringComparison.Ordinal);
        var expected = string.Concat(lines.Select(line => line + "\n"));
        if (Environment.GetEnvironmentVariable("UAPILAB_UPDATE_DOCS") is not null)
        {
            File.WriteAllText(path, text[..from] + expected + text[to..]);
            return;
        }

        Assert.True(
            text[from..to] == expected,
            $"{document}, part '{name}', differs from the code; run the tests once with UAPILAB_UPDATE_DOCS=1 and "
                + $"look at the difference");
    }

    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "UapiLab.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no UapiLab.sln above {AppContext.BaseDirectory}");
    }
}
