using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace UapiLab.Harness.Checking;

/// <summary>Texts of a history as themselves within a Mermaid diagram.</summary>
internal static partial class MermaidText
{
    /// <summary>Characters that mean themselves everywhere in a sequence diagram.</summary>
    private const string Plain = " .,_-+=*/()[]'!?";

    /// <summary>Everything with a meaning of its own is written as an entity: a semicolon or hash ends the statement, two per
    /// cents or dollars begin a comment or a formula, a colon may be taken for the beginning of the text, and the word "end"
    /// for the end of a block.</summary>
    public static string Escaped(string raw)
    {
        var escaped = new StringBuilder();
        foreach (var rune in End().Replace(PlainText.Printable(raw), "\0nd").EnumerateRunes())
        {
            if (rune.Value == 0)
            {
                Entity(escaped, 'e');
            }
            else if (Rune.IsLetterOrDigit(rune) || (rune.IsAscii && Plain.Contains((char)rune.Value, StringComparison.Ordinal)))
            {
                escaped.Append(rune);
            }
            else
            {
                Entity(escaped, rune.Value);
            }
        }

        return escaped.ToString().Trim();
    }

    private static void Entity(StringBuilder text, int code) => text.Append(CultureInfo.InvariantCulture, $"#{code};");

    [GeneratedRegex(@"\bend\b")]
    private static partial Regex End();
}
