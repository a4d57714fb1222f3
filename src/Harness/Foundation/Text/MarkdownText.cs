using System.Text;

namespace UapiLab.Harness.Foundation.Text;

/// <summary>Texts as themselves within Markdown, and the shapes that documents are made of.</summary>
public static class MarkdownText
{
    private const string Special = "\\`*<>[]|~&$";

    /// <summary>A text of any origin that is not code.</summary>
    public static string Escaped(string raw)
    {
        var text = CleanText.Printable(raw);
        var escaped = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            // Between letters an underscore emphasises nothing, and names full of backslashes are hard to read.
            var isEmphasis = text[i] == '_' && !(i > 0 && char.IsLetterOrDigit(text[i - 1])
                && i + 1 < text.Length && char.IsLetterOrDigit(text[i + 1]));
            var isSpecial = isEmphasis || Special.Contains(text[i], StringComparison.Ordinal);
            escaped.Append(isSpecial ? "\\" : "").Append(text[i]);
        }

        return escaped.ToString();
    }

    /// <summary>A sentence of ours, in which only a star and an angle bracket could mean something else.</summary>
    public static string Sentence(string text) =>
        text.Replace("*", "\\*", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    /// <summary>A sentence of ours in a table.</summary>
    public static string Cell(string text) => Sentence(text).Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>A text in the type of code.</summary>
    public static string Code(string raw)
    {
        if (raw.Contains('|', StringComparison.Ordinal) && raw.Contains('\\', StringComparison.Ordinal))
        {
            return $"<code>{Escaped(raw)}</code>"; // a table takes "\\|" for a backslash and the end of the cell
        }

        var text = CleanText.Printable(raw).Replace("|", "\\|", StringComparison.Ordinal);
        var fence = "`";
        while (text.Contains(fence, StringComparison.Ordinal))
        {
            fence += "`";
        }

        var padding = text.StartsWith('`') || text.EndsWith('`') ? " " : "";
        return text.Length == 0 ? "" : fence + padding + text + padding + fence;
    }

    /// <summary>A list of sentences of ours.</summary>
    public static void List(StringBuilder md, IEnumerable<string> sentences)
    {
        foreach (var sentence in sentences)
        {
            md.Append("- ").Append(Sentence(sentence)).Append('\n');
        }
    }

    /// <summary>A table whose cells are escaped.</summary>
    /// <param name="md">Where to.</param>
    /// <param name="header">Titles of the columns.</param>
    /// <param name="rows">Cells.</param>
    /// <param name="isFigures">Whether all columns but the first stand to the right.</param>
    public static void Table(
        StringBuilder md, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows, bool isFigures = false)
    {
        var rule = header.Select((_, i) => isFigures && i > 0 ? "---:" : "---").ToArray();
        foreach (var row in rows.Prepend(rule).Prepend(header))
        {
            md.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }
    }
}
