namespace UapiLab.Harness.Checking;

/// <summary>A table of knowledge as a section of a mail and of a Markdown document.</summary>
public static class KnowledgeText
{
    private const int Gap = 2;
    private const int NarrowestFact = 24;
    private const int NarrowestParty = 5;

    /// <summary>72 columns of 7-bit ASCII.</summary>
    public static string Mail(KnowledgeTable table)
    {
        var page = new TextPage(HistoryMail.Width, PlainText.Ascii);
        Headings.Write(page, table.Title);
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
        var md = new System.Text.StringBuilder();
        md.Append("## ").Append(MarkdownText.Escaped(table.Title)).Append("\n\n");
        MarkdownText.Table(md, ["fact", .. table.Parties.Select(MarkdownText.Escaped)], table.Facts.Select(f => (string[])
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
        var widths = table.Parties.Select(p => Math.Max(NarrowestParty, Math.Min(page.Clean(p).Length, room / table.Parties.Count))).ToArray();
        var fact = page.Width - widths.Sum() - (Gap * widths.Length);
        fact = Math.Min(fact, table.Facts.Select(f => page.Clean(f.Fact).Length).Append(NarrowestFact).Max());
        Row(page, fact, widths, "known from step", table.Parties.Select(page.Clean));
        page.Line(new string('-', fact) + string.Concat(widths.Select(w => new string(' ', Gap) + new string('-', w))));
        foreach (var row in table.Facts)
        {
            Row(page, fact, widths, page.Clean(row.Fact), row.Since.Select(Cell));
        }
    }

    private static void Row(TextPage page, int factWidth, int[] widths, string fact, IEnumerable<string> cells)
    {
        var columns = cells.Select((c, i) => PlainText.Wrap(c, widths[i])).Prepend(PlainText.Wrap(fact, factWidth, hang: 1)).ToArray();
        for (var line = 0; line < columns.Max(c => c.Count); line++)
        {
            page.Line(string.Join(new string(' ', Gap), columns.Select((c, i) =>
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
            page.Paragraph(string.Join(", ", row.Since.Select((since, i) => $"{table.Parties[i]}: {Cell(since)}")), "    ", "    ");
        }
    }
}
