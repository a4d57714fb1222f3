using System.Globalization;
using System.Text;
using UapiLab.Harness.Reports;

namespace UapiLab.Harness.Checking;

/// <summary>Texts of a history made fit for a page: a history may come from a file, so nothing in it is trusted to be one
/// line or free of terminal control.</summary>
internal static class PlainText
{
    /// <summary>Where a long word is best broken: after one of these.</summary>
    private const string BreakAfter = "._-/,:|)]=";

    /// <summary>One line without control or format characters.</summary>
    public static string Printable(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    clean.Append(' ');
                    break;
                case UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned:
                    clean.Append('?'); // among them those that reverse the direction of what follows
                    break;
                default:
                    clean.Append(rune);
                    break;
            }
        }

        return clean.ToString();
    }

    /// <summary>As <see cref="Printable"/>, in 7-bit ASCII.</summary>
    public static string Ascii(string text) => Lines.Ascii(Printable(text)
        .Replace("\u2192", "->", StringComparison.Ordinal)
        .Replace("\u2190", "<-", StringComparison.Ordinal)
        .Replace("\u2264", "<=", StringComparison.Ordinal)
        .Replace("\u2265", ">=", StringComparison.Ordinal)
        .Replace("\u2260", "!=", StringComparison.Ordinal));

    /// <summary>Lines of at most <paramref name="width"/> columns; a word that is longer goes on in the next line. Nothing but
    /// blanks is dropped.</summary>
    /// <param name="text">One line.</param>
    /// <param name="width">Columns.</param>
    /// <param name="hang">Blanks before each line but the first.</param>
    public static IReadOnlyList<string> Wrap(string text, int width, int hang = 0)
    {
        var lines = new List<string>();
        var line = new StringBuilder();
        int Room() => lines.Count == 0 ? width : width - hang;
        void Add(string done) => lines.Add(lines.Count == 0 ? done : new string(' ', hang) + done);
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var rest = word;
            if (line.Length > 0 && line.Length + 1 + rest.Length > Room())
            {
                // A word that has to be broken anyway may as well begin here.
                var here = rest.Length > width - hang ? BreakWithin(rest, Room() - line.Length - 1) : 0;
                Add(here > 0 ? $"{line} {rest[..here]}" : line.ToString());
                rest = rest[here..];
                line.Clear();
            }

            while (rest.Length > Room())
            {
                var length = BreakAt(rest, Room());
                Add(rest[..length]);
                rest = rest[length..];
            }

            line.Append(line.Length > 0 ? " " : "").Append(rest);
        }

        if (line.Length > 0 || lines.Count == 0)
        {
            Add(line.ToString());
        }

        return lines;
    }

    private static int BreakAt(string word, int room)
    {
        var length = BreakWithin(word, room) is var best && best >= room / 2 && best > 0 ? best : room;
        return length > 1 && char.IsHighSurrogate(word[length - 1]) ? length - 1 : length;
    }

    /// <summary>How much of a word, up to a good place to break it, there is room for.</summary>
    private static int BreakWithin(string word, int room) => room < 1 ? 0 : word.AsSpan(0, Math.Min(room, word.Length)).LastIndexOfAny(BreakAfter) + 1;
}
