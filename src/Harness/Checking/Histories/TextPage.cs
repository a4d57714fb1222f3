using System.Text;

namespace UapiLab.Harness.Checking;

/// <summary>Lines that are never longer than a given width. Tables of lanes are laid out by <see cref="LaneColumns"/>.</summary>
/// <param name="width">Columns.</param>
/// <param name="clean">Makes a text of a history fit for the page.</param>
internal sealed class TextPage(int width, Func<string, string> clean)
{
    private readonly StringBuilder text = new();

    public int Width => width;

    public string Clean(string raw) => clean(raw);

    /// <summary>A line that is clean and fits.</summary>
    public TextPage Line(string line = "")
    {
        if (line.Length > width)
        {
            throw new ArgumentException($"a line of {line.Length} columns: {line}", nameof(line));
        }

        text.Append(line.TrimEnd()).Append('\n');
        return this;
    }

    /// <summary>A text of any length, wrapped; all lines but the first begin with <paramref name="rest"/>.</summary>
    public TextPage Paragraph(string raw, string first = "", string rest = "")
    {
        var begin = first;
        foreach (var line in PlainText.Wrap(clean(raw), width - Math.Max(first.Length, rest.Length)))
        {
            Line(begin + line);
            begin = rest;
        }

        return this;
    }

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

    public override string ToString() => text.ToString();
}
