using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Foundation;

/// <summary>Something the user gave is wrong: an id, an option, a value, a file. The message is one line,
/// <c>where: what was expected</c>; nothing but the input has to change for the next try.</summary>
/// <param name="place">Where: <c>file:line</c>, or the text of the specification.</param>
/// <param name="expected">What is wrong and what was expected there, without a full stop.</param>
public sealed class InputException(string place, string expected) : Exception(OneLine($"{place}: {expected}"))
{
    /// <summary>Where: <c>file:line</c>, or the text of the specification.</summary>
    public string Place { get; } = OneLine(place);

    // Input that is echoed may hold anything; the message must not.
    private static string OneLine(string text) => CleanText.Printable(text);
}
