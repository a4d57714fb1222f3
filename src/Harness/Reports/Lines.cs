using System.Text;

namespace UapiLab.Harness.Reports;

/// <summary>Lines of 7-bit ASCII that are never longer than a given width.</summary>
internal sealed class Lines(int width)
{
    private readonly StringBuilder text = new();

    /// <summary>A line as it is; it must fit.</summary>
    public Lines Add(string line = "")
    {
        line = Ascii(line).TrimEnd();
        if (line.Length > width)
        {
            throw new ArgumentException($"a line of {line.Length} columns: {line}", nameof(line));
        }

        text.Append(line).Append('\n');
        return this;
    }

    /// <summary>A heading, underlined.</summary>
    public Lines Heading(string title, char underline = '-')
    {
        Add();
        Wrap(title);
        return Add(new string(underline, Math.Min(width, Ascii(title).Length)));
    }

    /// <summary>Words wrapped to the width; all lines but the first are indented.</summary>
    /// <param name="paragraph">Text; runs of blanks count as one.</param>
    /// <param name="first">Before the first line.</param>
    /// <param name="rest">Before the others.</param>
    /// <param name="continuation">At the end of every line but the last, such as a backslash.</param>
    public Lines Wrap(string paragraph, string first = "", string rest = "", string continuation = "")
    {
        var line = new StringBuilder(first);
        var empty = true;
        foreach (var word in Words(Ascii(paragraph), width - Math.Max(first.Length, rest.Length) - continuation.Length, isCommand: continuation.Length > 0))
        {
            if (!empty && line.Length + 1 + word.Length + continuation.Length > width)
            {
                Add(line + continuation);
                line.Clear().Append(rest);
                empty = true;
            }

            line.Append(empty ? "" : " ").Append(word);
            empty = false;
        }

        return Add(line.ToString());
    }

    /// <summary>A table: the first column to the left, the others to the right; a first cell that is too long has a line
    /// of its own.</summary>
    public Lines Table(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows, int firstColumn, int gap = 2)
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
    public override string ToString() => text.ToString();

    /// <summary>The text with everything replaced that mail readers of the last century would not show.</summary>
    internal static string Ascii(string text)
    {
        var ascii = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            ascii.Append(c switch
            {
                >= ' ' and <= '~' => c.ToString(),
                '\t' or '\n' or '\r' => " ",
                '\u2013' or '\u2014' or '\u2212' => "-",
                '\u00b5' or '\u03bc' => "u",
                '\u00d7' => "x",
                '\u2018' or '\u2019' => "'",
                '\u201c' or '\u201d' => "\"",
                '\u2026' => "...",
                _ => "?",
            });
        }

        return ascii.ToString();
    }

    /// <summary>Words no longer than the room there is: a longer one is cut. A per cent sign stays with its number, and in a
    /// command an option with its value.</summary>
    private static IEnumerable<string> Words(string text, int room, bool isCommand)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        for (var i = words.Count - 1; i > 0; i--)
        {
            var together = words[i][0] == '%' || (isCommand && words[i - 1].StartsWith("--", StringComparison.Ordinal) && words[i - 1].Length > 2 && words[i][0] != '-');
            if (together && words[i - 1].Length + words[i].Length < room)
            {
                words[i - 1] += " " + words[i];
                words.RemoveAt(i);
            }
        }

        foreach (var word in words)
        {
            for (var start = 0; start < word.Length; start += room)
            {
                yield return word[start..Math.Min(word.Length, start + room)];
            }
        }
    }
}
