using System.Text;

namespace UapiLab.Harness.Foundation.Text;

/// <summary>Lines of text that are never longer than a given width.</summary>
/// <param name="width">Columns.</param>
/// <param name="clean">Makes a text fit for the page: <see cref="CleanText.Ascii"/> or
/// <see cref="CleanText.Printable"/>.</param>
internal sealed class TextPage(int width, Func<string, string> clean)
{
    private readonly StringBuilder _text = new();

    public int Width => width;

    /// <summary>How many there are so far.</summary>
    public int Lines { get; private set; }

    public string Clean(string raw) => clean(raw);

    /// <summary>A line as it is; it must fit.</summary>
    public TextPage Add(string raw = "")
    {
        var line = clean(raw).TrimEnd();
        if (line.Length > width)
        {
            throw new ArgumentException($"a line of {line.Length} columns: {line}", nameof(raw));
        }

        _text.Append(line).Append('\n');
        Lines++;
        return this;
    }

    /// <summary>A heading with a line of its length below, and a blank line before it if it does not begin the
    /// page.</summary>
    public TextPage Heading(string title)
    {
        if (_text.Length > 0)
        {
            Add();
        }

        Wrap(title);
        return Add(new string('-', Math.Clamp(clean(title).Trim().Length, 1, width)));
    }

    /// <summary>Sentences or a command: a per cent sign stays with its number, and an option with its value.</summary>
    /// <param name="paragraph">Text; runs of blanks count as one.</param>
    /// <param name="first">Before the first line.</param>
    /// <param name="rest">Before the others.</param>
    /// <param name="continuation">At the end of every line but the last: a backslash in a command.</param>
    public TextPage Wrap(string paragraph, string first = "", string rest = "", string continuation = "")
    {
        var columns = width - continuation.Length;
        var room = columns - Math.Max(first.Length, rest.Length);
        var words = Together(clean(paragraph), room, isCommand: continuation.Length > 0)
            .SelectMany(word => word.Chunk(room), (_, part) => new string(part));
        return Lay(
            WordWrap.Fill(words, columns - first.Length, columns - rest.Length, breaks: false),
            first, rest, continuation);
    }

    /// <summary>Texts with names in them: a long one is broken where it can best be read.</summary>
    public TextPage Paragraph(string raw, string first = "", string rest = "") =>
        Lay(WordWrap.Broken(clean(raw), width - Math.Max(first.Length, rest.Length)), first, rest);

    /// <summary>Names to the left, their texts wrapped beside them.</summary>
    public TextPage Definitions(IReadOnlyList<(string Name, string Text)> items)
    {
        var widest = items.Count == 0 ? 0 : Math.Min(width / 3, items.Max(i => clean(i.Name).Length));
        foreach (var (name, definition) in items)
        {
            var label = clean(name);
            if (label.Length > widest)
            {
                Paragraph(name);
                label = "";
            }

            Paragraph(definition, label.PadRight(widest) + "  ", new string(' ', widest + 2));
        }

        return this;
    }

    /// <summary>A table: the first column to the left, the others to the right. A first cell that is too long has a
    /// line of its own.</summary>
    public TextPage Table(
        IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows, int firstColumn, int gap = 2)
    {
        var widths = header.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max()).ToArray();
        var others = widths.Skip(1).Sum() + (gap * (widths.Length - 1));
        widths[0] = Math.Min(Math.Min(widths[0], firstColumn), width - others);
        foreach (var row in rows.Prepend(header))
        {
            var cells = row.Skip(1).Select((cell, i) => new string(' ', gap) + cell.PadLeft(widths[i + 1]));
            var label = row[0];
            if (label.Length > widths[0])
            {
                Wrap(label);
                label = "";
            }

            Add(label.PadRight(widths[0]) + string.Concat(cells));
        }

        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private static List<string> Together(string text, int room, bool isCommand)
    {
        var words = WordWrap.Words(text).ToList();
        for (var i = words.Count - 1; i > 0; i--)
        {
            var isValue = isCommand && words[i][0] != '-'
                && words[i - 1].StartsWith("--", StringComparison.Ordinal) && words[i - 1].Length > 2;
            if ((isValue || words[i][0] == '%') && words[i - 1].Length + words[i].Length < room)
            {
                words[i - 1] += " " + words[i];
                words.RemoveAt(i);
            }
        }

        return words;
    }

    private TextPage Lay(IReadOnlyList<string> lines, string first, string rest, string continuation = "")
    {
        for (var i = 0; i < lines.Count; i++)
        {
            Add((i == 0 ? first : rest) + lines[i] + (i < lines.Count - 1 ? continuation : ""));
        }

        return this;
    }
}
