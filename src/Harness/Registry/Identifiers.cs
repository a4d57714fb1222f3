using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Registry;

/// <summary>What may be typed as a name.</summary>
internal static class Identifiers
{
    /// <exception cref="InputException">It has another form.</exception>
    public static void Check(string kind, string name)
    {
        if (name.Length == 0 || !char.IsAsciiLetterLower(name[0])
            || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new InputException($"{kind} '{name}'",
                "expected lower case letters, digits and dashes, a letter first");
        }
    }

    /// <summary>What is printed within a line must be one: it could pass for another line otherwise.</summary>
    /// <exception cref="InputException">One is not.</exception>
    public static void CheckLines(string place, params IEnumerable<string> texts)
    {
        if (texts.FirstOrDefault(text => !CleanText.IsLine(text)) is { } found)
        {
            throw new InputException(place,
                "expected names and summaries of one line without control characters, found "
                + $"'{CleanText.Short(found)}'");
        }
    }
}
