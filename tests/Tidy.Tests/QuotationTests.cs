using System.Text;
using System.Text.RegularExpressions;

namespace UapiLab.Tidy.Tests;

/// <summary>What the tree puts into quotation marks under a person's name can be looked up: it is listed in
/// docs/quotations.md, and where else it stands, author, date and Message-ID stand beside it.</summary>
public sealed partial class QuotationTests
{
    private const string List = "docs/quotations.md";
    private const int Columns = 4;

    private static readonly string[] s_extensions = [".md", ".cs", ".json", ".csv", ".txt", ".fs", ".sh", ".csproj"];

    private static readonly Row[] s_rows = [.. RowsOf(File.ReadAllLines(Repository.FullPath(List)))];

    [Fact]
    public void Every_listed_quotation_has_an_author_a_date_and_a_Message_ID()
    {
        Assert.NotEmpty(s_rows);
        Assert.All(s_rows, row =>
        {
            Assert.Matches("^\".+\"$", row.Quotation);
            Assert.Matches(NamePattern(), row.Author);
            Assert.Matches("^" + DatePattern() + "$", row.Date);
            Assert.Matches("^`" + MessageIdPattern() + "`$", row.MessageId);
        });
    }

    [Fact]
    public void Every_quotation_of_a_person_is_listed_and_carries_author_date_and_Message_ID()
    {
        IEnumerable<string> offenders =
            from file in Repository.Files
            where file != List && s_extensions.Contains(Path.GetExtension(file))
            where !file.EndsWith(nameof(QuotationTests) + ".cs", StringComparison.Ordinal)
            from offender in Offenders(file, File.ReadAllText(Repository.FullPath(file)))
            select $"{file}: {offender}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void Every_Message_ID_of_the_tree_is_listed_with_its_author_and_date()
    {
        string[] known = [.. s_rows.Select(row => $"{row.Author}, {row.Date}, {row.MessageId.Trim('`')}")];
        IEnumerable<string> offenders =
            from file in Repository.Files
            where file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal)
            from Match line in MailPattern().Matches(File.ReadAllText(Repository.FullPath(file)))
            where !known.Contains(line.Value)
            select $"{file}: {line.Value}";

        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData(1, "a.md", "Kalyazin asked: \"Is this practically likely?\"")]
    [InlineData(1, "a.md", "Nikita Kalyazin, 21 Feb 2025: \"Is this\nvery likely?\" (`f820b630@amazon.com`)")]
    [InlineData(1, "a.md", "\"Is this practically likely?\" is the question.")]
    [InlineData(1, "a.md", "“Exiting is kludgy”, says a mail of Sean's.")]
    [InlineData(1, "a.cs", "    // Christopherson: \"it is a matter of\n    // cost\".\n    int x;")]
    [InlineData(1, "a.cs", "var x = \"Christopherson: \\\"a matter \"\n    + \"of cost\\\"\";")]
    [InlineData(0, "a.md", "Kalyazin asked whether that is likely. \"KVM: x86: async PF user\" is his series.")]
    [InlineData(0, "a.md", "\"Is this practically likely?\" (Nikita Kalyazin, 21 Feb 2025, `f820b630@amazon.com`)")]
    [InlineData(0, "a.md", "Kalyazin asked.\n\nThe verdict is \"not decided\".")]
    [InlineData(0, "a.cs", "// Christopherson disagrees.\nvar x = \"not decided\";")]
    public void A_quotation_without_its_source_is_found(int expected, string file, string text)
    {
        Assert.Equal(expected, Offenders(file, text).Count());
    }

    private static IEnumerable<string> Offenders(string file, string text) =>
        from paragraph in file.EndsWith(".cs", StringComparison.Ordinal) ? InCode(text) : InProse(text)
        let isAttributed = NamePattern().IsMatch(paragraph) || MailWordPattern().IsMatch(paragraph)
        from Match match in QuotePattern().Matches(paragraph)
        let quotation = match.Groups["text"].Value
        let row = s_rows.FirstOrDefault(row => row.Quotation.Contains(quotation, StringComparison.Ordinal))
        where row is { IsTitle: false } || (row is null && isAttributed)
        where row is null || !NamePattern().IsMatch(paragraph) || !DatePattern().IsMatch(paragraph)
            || !MessageIdPattern().IsMatch(paragraph)
        select $"\"{quotation}\" in: {paragraph}";

    /// <summary>Rows of the tables: a quotation or title, then who, when and which mail.</summary>
    private static IEnumerable<Row> RowsOf(string[] lines)
    {
        bool areTitles = false;
        foreach (string line in lines)
        {
            areTitles |= line.StartsWith("## Series", StringComparison.Ordinal);
            string[] cells = [.. line.Trim('|').Split(" | ").Select(cell => cell.Trim())];
            if (line.StartsWith('|') && cells[^1].StartsWith('`') && cells.Length >= Columns)
            {
                yield return new(cells[^Columns], cells[^3], cells[^2], cells[^1], areTitles);
            }
        }
    }

    /// <summary>Paragraphs, points of a list and rows of a table, a line each.</summary>
    private static IEnumerable<string> InProse(string text) =>
        from block in BreakPattern().Split(text)
        let line = SpacePattern().Replace(block, " ").Trim()
        where line.Length > 0
        select line;

    /// <summary>Each comment, and what the string literals of each statement say together.</summary>
    private static IEnumerable<string> InCode(string text)
    {
        var comment = new StringBuilder();
        var literals = new StringBuilder();
        foreach (string line in text.Split('\n').Append(""))
        {
            string trimmed = line.Trim();
            if (trimmed.StartsWith("//", StringComparison.Ordinal))
            {
                comment.Append(' ').Append(TagPattern().Replace(trimmed.TrimStart('/'), ""));
                continue;
            }

            foreach (Match match in LiteralPattern().Matches(trimmed))
            {
                literals.Append(match.Groups["text"].Value.Replace("\\\"", "\"", StringComparison.Ordinal));
            }

            foreach (StringBuilder builder in new[] { comment, literals })
            {
                bool ends = builder == comment || trimmed.Length == 0 || trimmed[^1] is ';' or ',' or '{' or '}';
                if (ends && builder.Length > 0)
                {
                    yield return SpacePattern().Replace(builder.ToString(), " ").Trim();
                    builder.Clear();
                }
            }
        }
    }

    [GeneratedRegex("Christopherson|Kalyazin|Houghton|Thomson|Moorthy|Levitsky|Bonzini|\\bSean\\b|\\bNikita\\b")]
    private static partial Regex NamePattern();

    [GeneratedRegex("\\b(KVM list|on the list|a mail|the mail|mails of|his mail|the thread (says|asks|worries))\\b")]
    private static partial Regex MailWordPattern();

    [GeneratedRegex("\\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \\d{4}")]
    private static partial Regex DatePattern();

    [GeneratedRegex("[A-Za-z0-9._=+-]{8,}@[a-z0-9.-]+\\.[a-z]{2,}")]
    private static partial Regex MessageIdPattern();

    [GeneratedRegex("[A-Z][a-z]+ [A-Z][a-z]+, \\d{1,2} [A-Z][a-z]+ \\d{4}, [A-Za-z0-9._=+-]{8,}@[a-z0-9.-]+[a-z]")]
    private static partial Regex MailPattern();

    // One word, or a name of the code, is no quotation.
    [GeneratedRegex("[\"“](?<text>[A-Za-z'][^\"“”`]* [^\"“”`]*)[\"”]")]
    private static partial Regex QuotePattern();

    [GeneratedRegex("\n\\s*\n|\n(?=\\s*(?:[-*|>#]|[0-9]+\\.) ?)|(?<=[\"\\]}]),?\n")]
    private static partial Regex BreakPattern();

    [GeneratedRegex("\\s+")]
    private static partial Regex SpacePattern();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex TagPattern();

    [GeneratedRegex("\"(?<text>(?:\\\\.|[^\"\\\\])*)\"")]
    private static partial Regex LiteralPattern();

    private sealed record Row(string Quotation, string Author, string Date, string MessageId, bool IsTitle);
}
