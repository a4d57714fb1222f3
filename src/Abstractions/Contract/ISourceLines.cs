namespace UapiLab.Abstractions;

/// <summary>An encoding whose halves are written in a language of which the runtime knows no lines.</summary>
public interface ISourceLines
{
    /// <summary>Where a half is.</summary>
    /// <param name="thrown">What came out of a half; null: the call that a half makes on this thread now.</param>
    /// <returns>"my-idea.c:31", or null if no half is at work.</returns>
    string? LineOf(Exception? thrown);
}
