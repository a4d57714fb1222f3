using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation;
using UapiLab.Pages.Components;
using UapiLab.Pages.Model;

namespace UapiLab.Pages;

/// <summary>One file that shows histories, to be stepped through.</summary>
public static class HistoryPages
{
    /// <summary>The whole text of the page.</summary>
    /// <param name="histories">In order.</param>
    /// <param name="source">The lines of a file of an encoding by its name; null where it is not at hand.</param>
    public static string Write(IReadOnlyList<History> histories, Func<string, IReadOnlyList<string>?> source) =>
        ReportPage.Render<HistoryDocument>(new()
        {
            [nameof(HistoryDocument.Histories)] = histories,
            [nameof(HistoryDocument.Source)] = source,
        });

    /// <summary>The page of a check: what <see cref="ReportPage"/> makes of its JSON, and the histories themselves in
    /// place of their stories.</summary>
    /// <param name="check">The text of the JSON, and its name for messages.</param>
    /// <param name="histories">In order.</param>
    /// <exception cref="InputException">The JSON is not that of a check.</exception>
    public static string Write((string Place, ReadOnlyMemory<byte> Json) check, HistorySet histories) =>
        ReportPage.Render<Document>(new()
        {
            [nameof(Document.Files)] = (ResultFile[])[ResultFile.Read(check.Json.Span, check.Place)],
            [nameof(Document.Histories)] = histories,
        });
}
