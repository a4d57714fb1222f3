using System.Text.RegularExpressions;

namespace UapiLab.Tidy.Tests;

/// <summary>The pages below docs can be found and read: an index links each of them, a glossary has the terms, no page
/// begins with an abbreviation, and all of them together are short.</summary>
public sealed partial class PagesTests
{
    private const string Index = "docs/README.md";
    private const string Glossary = "docs/glossary.md";

    /// <summary>Words of prose in the README and in as many pages as there are today. A page that comes later may bring
    /// more. Where a change goes beyond, shorten something first.</summary>
    private const int MostWords = 19_000;
    private const int PagesOfToday = 29;
    private const int WordsOfALaterPage = 600;

    private static IEnumerable<string> Pages => Repository.Files.Where(file =>
        file.StartsWith("docs/", StringComparison.Ordinal) && file.EndsWith(".md", StringComparison.Ordinal));

    [Fact]
    public void The_index_links_every_page()
    {
        IEnumerable<string> linked = Links(Index).Select(link => link.Path);

        Assert.Empty(Pages.Except(linked).Except([Index]));
    }

    [Fact]
    public void Every_link_between_documents_leads_to_a_file_and_a_heading()
    {
        IEnumerable<string> offenders =
            from file in Pages.Append("README.md")
            from link in Links(file)
            where !File.Exists(Repository.FullPath(link.Path))
                || (link.Heading.Length > 0 && !Headings(link.Path).Contains(link.Heading))
            select $"{file}: {link.Path}#{link.Heading}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void Every_term_of_the_glossary_has_one_row_and_is_used()
    {
        string[] terms = [.. Terms()];
        string text = string.Concat(Pages.Where(file => file != Glossary).Select(Text));

        Assert.InRange(terms.Length, 40, 100);
        Assert.Distinct(terms);
        Assert.All(terms, term => Assert.Matches(
            @"(?i)(?<!\w)" + Regex.Escape(term).Replace("\\ ", "[ -]", StringComparison.Ordinal), text));
    }

    [Fact]
    public void APF_is_spelled_out_where_a_page_first_uses_it()
    {
        Assert.DoesNotContain(Pages.Append("README.md"), file => !SpellsOut(Text(file)));
    }

    [Theory]
    [InlineData(true, "An asynchronous page fault (APF) is started.")]
    [InlineData(true, "APF is the asynchronous\npage fault. An APF is started.")]
    [InlineData(true, "Not here, `APF` and APFX.\n```\nAPF\n```\n<!-- generated: x -->\nAPF\n<!-- end -->\n")]
    [InlineData(false, "An APF is started. It ends with the READY of an I/O thread. So much for async page faults.")]
    [InlineData(false, "APFs are started.")]
    public void First_uses_are_found_outside_code(bool isSpelledOut, string text)
    {
        Assert.Equal(isSpelledOut, SpellsOut(text));
    }

    [Fact]
    public void Prose_is_short()
    {
        string[] pages = [.. Pages];
        (string Page, int Words)[] counts = [.. pages.Append("README.md").Select(page => (page, CountWords(page)))];
        int most = MostWords + (WordsOfALaterPage * (pages.Length - PagesOfToday));

        Assert.True(counts.Sum(c => c.Words) <= most, $"more than {most} words of prose: {string.Join(", ",
            counts.OrderByDescending(c => c.Words).Select(c => $"{c.Page} {c.Words}"))}");

        static int CountWords(string page) => ProseWords(File.ReadAllLines(Repository.FullPath(page)));
    }

    [Theory]
    [InlineData(5, "# A title", "and text")]
    [InlineData(2, "before", "```sh", "not this", "```", "after")]
    [InlineData(2, "before", "| nor | this |", "  | or this |", "after")]
    [InlineData(2, "before", "<!-- generated: x -->", "- nor this", "```", "<!-- end -->", "after")]
    [InlineData(3, "- a point", "", "  ")]
    public void Words_are_counted_outside_samples_tables_and_generated_parts(int expected, params string[] lines)
    {
        Assert.Equal(expected, ProseWords(lines));
    }

    private static int ProseWords(IEnumerable<string> lines)
    {
        string? end = null;
        int words = 0;
        foreach (string line in lines.Select(line => line.Trim()))
        {
            if (end is not null)
            {
                end = line == end ? null : end;
            }
            else if (line.StartsWith("```", StringComparison.Ordinal))
            {
                end = "```";
            }
            else if (line.StartsWith("<!-- generated:", StringComparison.Ordinal))
            {
                end = "<!-- end -->";
            }
            else if (!line.StartsWith('|'))
            {
                words += line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
            }
        }

        return words;
    }

    private static bool SpellsOut(string text)
    {
        string prose = CodePattern().Replace(text, " ");
        Match use = ApfPattern().Match(prose);
        Match meaning = MeaningPattern().Match(prose);
        return !use.Success || (meaning.Success && meaning.Index <= use.Index + 20);
    }

    private static IEnumerable<string> Terms() =>
        from line in File.ReadAllLines(Repository.FullPath(Glossary))
        where line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| ---", StringComparison.Ordinal)
        let first = line.Split('|')[1].Trim()
        where first != "term"
        from term in first.Split(", ")
        select term;

    private static IEnumerable<(string Path, string Heading)> Links(string file) =>
        from Match link in LinkPattern().Matches(Text(file))
        let path = link.Groups["path"].Value
        let full = path.Length == 0 ? file : Path.Combine(Path.GetDirectoryName(file)!, path)
        select (Path.GetRelativePath(Repository.Root, Path.GetFullPath(Repository.FullPath(full))).Replace('\\', '/'),
            link.Groups["heading"].Value);

    // As the common renderers name them: small letters, no punctuation, a dash for each space.
    private static IEnumerable<string> Headings(string file) =>
        from line in File.ReadAllLines(Repository.FullPath(file))
        where line.StartsWith('#')
        select PunctuationPattern().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');

    private static string Text(string file) => File.ReadAllText(Repository.FullPath(file));

    [GeneratedRegex(@"```.*?```|`[^`\n]*`|<!-- generated: .*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex CodePattern();

    [GeneratedRegex(@"\bAPFs?\b")]
    private static partial Regex ApfPattern();

    [GeneratedRegex(@"\basync(hronous)?\s+page\s+fault", RegexOptions.IgnoreCase)]
    private static partial Regex MeaningPattern();

    [GeneratedRegex(@"\]\((?!https?:)(?<path>[^)#\s]*)(#(?<heading>[^)\s]*))?\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex PunctuationPattern();
}
