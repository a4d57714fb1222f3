using System.Text;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>Who knows what, and from which step on.</summary>
public sealed record KnowledgeTable
{
    /// <summary>What the table is about: the heading of the section.</summary>
    public required string Title { get; init; }
    /// <summary>Columns: KVM, the VMM, a guest task…</summary>
    public required IReadOnlyList<string> Parties { get; init; }
    /// <summary>Rows.</summary>
    public required IReadOnlyList<KnownFact> Facts { get; init; }
}

/// <summary>A fact and who knows it.</summary>
/// <param name="Fact">What is known: "the fetch of gfn 1 is under way".</param>
/// <param name="Since">For each party the step after which it knows; 0 = from the start, null = never.</param>
public sealed record KnownFact(string Fact, IReadOnlyList<int?> Since);

/// <summary>A table of knowledge as a section of a mail and of a Markdown document.</summary>
public static class KnowledgeText
{
    private const int Gap = 2;
    private const int NarrowestFact = 24;
    private const int NarrowestParty = 5;

    /// <summary>72 columns of 7-bit ASCII.</summary>
    public static string Mail(KnowledgeTable table)
    {
        var page = new TextPage(HistoryMail.Width, CleanText.Ascii);
        page.Heading(table.Title).Add();
        var room = page.Width - NarrowestFact - (Gap * table.Parties.Count);
        if (table.Parties.Count > 0 && room / table.Parties.Count < NarrowestParty)
        {
            List(table, page);
        }
        else
        {
            Columns(table, page, room);
        }

        return page.ToString();
    }

    /// <summary>A section of a Markdown document.</summary>
    public static string Markdown(KnowledgeTable table)
    {
        var md = new StringBuilder();
        md.Append("## ").Append(MarkdownText.Escaped(table.Title)).Append("\n\n");
        MarkdownText.Table(md, ["fact", .. table.Parties.Select(MarkdownText.Escaped)],
            table.Facts.Select(f => (string[])
            [MarkdownText.Escaped(f.Fact), .. f.Since.Select(Cell)]));
        return md.ToString();
    }

    private static string Cell(int? since) => since switch
    {
        null => "never",
        0 => "start",
        { } step => Invariant($"{step}"),
    };

    private static void Columns(KnowledgeTable table, TextPage page, int room)
    {
        var widths =
            table.Parties.Select(p => Math.Max(NarrowestParty,
                Math.Min(page.Clean(p).Length, room / table.Parties.Count))).ToArray();
        var fact = page.Width - widths.Sum() - (Gap * widths.Length);
        fact = Math.Min(fact, table.Facts.Select(f => page.Clean(f.Fact).Length).Append(NarrowestFact).Max());
        Row(page, fact, widths, "known from step", table.Parties.Select(page.Clean));
        page.Add(new string('-', fact) + string.Concat(widths.Select(w => new string(' ', Gap) + new string('-', w))));
        foreach (var row in table.Facts)
        {
            Row(page, fact, widths, page.Clean(row.Fact), row.Since.Select(Cell));
        }
    }

    private static void Row(TextPage page, int factWidth, int[] widths, string fact, IEnumerable<string> cells)
    {
        var columns = cells.Select((c, i) => WordWrap.Broken(c, widths[i]))
            .Prepend(WordWrap.Broken(fact, factWidth, hang: 1)).ToArray();
        for (var line = 0; line < columns.Max(c => c.Count); line++)
        {
            page.Add(string.Join(new string(' ', Gap), columns.Select((c, i) =>
            {
                var text = line < c.Count ? c[line] : "";
                return i == 0 ? text.PadRight(factWidth) : text.PadLeft(widths[i - 1]);
            })));
        }
    }

    private static void List(KnowledgeTable table, TextPage page)
    {
        foreach (var row in table.Facts)
        {
            page.Paragraph(row.Fact, "- ", "  ");
            page.Paragraph(string.Join(", ", row.Since.Select((since, i) => $"{table.Parties[i]}: {Cell(since)}")),
                "    ", "    ");
        }
    }
}
