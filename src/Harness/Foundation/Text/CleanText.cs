using System.Buffers;
using System.Globalization;
using System.Text;

namespace UapiLab.Harness.Foundation.Text;

/// <summary>Texts made fit for a page. A text may come from a file, so nothing in it is trusted to be one line or free
/// of terminal control.</summary>
public static class CleanText
{
    // C0 and C1 but for tab and line feed, DEL, the two separators of lines, and what turns the direction of a text.
    private static readonly SearchValues<char> s_controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(c => c is not ('\t' or '\n')).Concat(Enumerable.Range(0x7f, 0x21))
            .Concat([0x2028, 0x2029]).Concat(Enumerable.Range(0x202a, 5)).Concat(Enumerable.Range(0x2066, 4))
            .Select(c => (char)c)]);

    /// <summary>Lines without control characters but for tabs. Whatever is printed or written as text passes through
    /// here.</summary>
    public static string Page(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        return text.AsSpan().ContainsAny(s_controls)
            ? string.Create(text.Length, text, static (page, raw) =>
            {
                for (var i = 0; i < raw.Length; i++)
                {
                    page[i] = s_controls.Contains(raw[i]) ? '?' : raw[i];
                }
            })
            : text;
    }

    /// <summary>The beginning of a text that may be long.</summary>
    public static string Short(string text, int most = 60)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)] + "…";
    }

    /// <summary>Whether a text is one line without control characters, as names have to be.</summary>
    public static bool IsLine(string text) => Printable(text) == text;

    /// <summary>One line without control or format characters.</summary>
    public static string Printable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
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

    /// <summary>One line of 7-bit ASCII, for old mail readers.</summary>
    public static string Ascii(string text)
    {
        var ascii = new StringBuilder(text.Length);
        foreach (var c in Printable(text))
        {
            ascii.Append(c switch
            {
                >= ' ' and <= '~' => c.ToString(),
                '\u2013' or '\u2014' or '\u2212' => "-",
                '\u00b5' or '\u03bc' => "u",
                '\u00d7' => "x",
                '\u2018' or '\u2019' => "'",
                '\u201c' or '\u201d' => "\"",
                '\u2026' => "...",
                '\u2192' => "->",
                '\u2190' => "<-",
                '\u2264' => "<=",
                '\u2265' => ">=",
                '\u2260' => "!=",
                _ => "?",
            });
        }

        return ascii.ToString();
    }
}
