using System.Text;

namespace UapiLab.Harness.Foundation.Text;

/// <summary>A member of an enumeration as texts and reports write it.</summary>
public static class EnumText
{
    /// <summary>Its name in lower case with blanks between the words: "not decided" for <c>NotDecided</c>.</summary>
    public static string Words<T>(this T member)
        where T : struct, Enum
    {
        var words = new StringBuilder();
        foreach (var letter in member.ToString())
        {
            words.Append(char.IsAsciiLetterUpper(letter) && words.Length > 0 ? " " : "")
                .Append(char.ToLowerInvariant(letter));
        }

        return words.ToString();
    }
}
