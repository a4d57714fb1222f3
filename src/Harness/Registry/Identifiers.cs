using UapiLab.Harness.Foundation;

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
}
