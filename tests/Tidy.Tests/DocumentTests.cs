using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace UapiLab.Tidy.Tests;

/// <summary>What documents say about the tree is true.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Every_path_that_a_document_names_exists()
    {
        IEnumerable<string> offenders =
            from file in Repository.Files
            where file.EndsWith(".md", StringComparison.Ordinal)
            from path in PathsIn(File.ReadAllText(Repository.FullPath(file)))
            let full = Repository.FullPath(path)
            where !File.Exists(full) && !Directory.Exists(full)
            select $"{file}: {path}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void Paths_are_those_in_code_quotes_below_a_folder_of_the_tree()
    {
        Assert.Equal(
            ["src/Cli/Program.cs", "tests/data/"],
            PathsIn("`src/Cli/Program.cs`, `src/Encodings/<Name>/`, src/Nowhere.cs, `artifacts/x`, `tests/data/`"));
    }

    [Fact]
    public void The_changelog_has_versions_with_the_headings_that_it_promises()
    {
        string[] lines = File.ReadAllLines(Repository.FullPath("CHANGELOG.md"));
        string[] promised = [.. lines[2].TrimEnd('.').Split(": ")[1].Split(", ")];

        Assert.Empty(lines.Where(line => line.StartsWith("### ", StringComparison.Ordinal))
            .Select(line => line[4..]).Except(promised));
        Assert.All(
            lines.Where(line => line.StartsWith("## ", StringComparison.Ordinal)),
            line => Assert.Matches(@"^## [0-9]+\.[0-9]+\.[0-9]+ \(.+\)$", line));
    }

    [Fact]
    public void Every_package_stands_in_the_page_of_dependencies()
    {
        string page = File.ReadAllText(Repository.FullPath("docs/dependencies.md"));

        Assert.All(
            XDocument.Load(Repository.FullPath("Directory.Packages.props")).Descendants("PackageVersion"),
            package => Assert.Contains($"`{(string)package.Attribute("Include")!}`", page, StringComparison.Ordinal));
    }

    private static IEnumerable<string> PathsIn(string text) =>
        PathPattern().Matches(text).Select(match => match.Groups["path"].Value);

    [GeneratedRegex("`(?<path>(src|tests|docs|eng|bench|templates|proposals)/[A-Za-z0-9_./-]+)`")]
    private static partial Regex PathPattern();
}
