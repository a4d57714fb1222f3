using System.Text;

namespace UapiLab.Harness.Checking;

/// <summary>Texts of a history as themselves within Markdown, cells of tables included.</summary>
internal static class MarkdownText
{
    private const string Special = "\\`*<>[]|~&$";

    /// <summary>A text that is not code.</summary>
    public static string Escaped(string raw)
    {
        var text = PlainText.Printable(raw);
        var escaped = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            // Between letters an underscore emphasises nothing, and names full of backslashes are hard to read.
            var isEmphasis = text[i] == '_' && !(i > 0 && char.IsLetterOrDigit(text[i - 1]) && i + 1 < text.Length && char.IsLetterOrDigit(text[i + 1]));
            escaped.Append(isEmphasis || Special.Contains(text[i], StringComparison.Ordinal) ? "\\" : "").Append(text[i]);
        }

        return escaped.ToString();
    }

    /// <summary>A text in the type of code.</summary>
    public static string Code(string raw)
    {
        if (raw.Contains('|', StringComparison.Ordinal) && raw.Contains('\\', StringComparison.Ordinal))
        {
            return $"<code>{Escaped(raw)}</code>"; // a table takes "\\|" for a backslash and the end of the cell
        }

        var text = PlainText.Printable(raw).Replace("|", "\\|", StringComparison.Ordinal);
        var fence = "`";
        while (text.Contains(fence, StringComparison.Ordinal))
        {
            fence += "`";
        }

        var padding = text.StartsWith('`') || text.EndsWith('`') ? " " : "";
        return text.Length == 0 ? "" : fence + padding + text + padding + fence;
    }

    public static void Row(StringBuilder md, IEnumerable<string> cells) => md.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    public static void Table(StringBuilder md, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        Row(md, header);
        Row(md, header.Select(_ => "---"));
        foreach (var row in rows)
        {
            Row(md, row);
        }
    }
}
