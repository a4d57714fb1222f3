using System.Globalization;
using System.Text;

namespace UapiLab.Harness.Foundation.Text;

/// <summary>Texts made fit for a page. A text may come from a file, so nothing in it is trusted to be one line or free
/// of terminal control.</summary>
public static class CleanText
{
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
