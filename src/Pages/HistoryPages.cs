using UapiLab.Harness.Checking.Histories;
using UapiLab.Pages.Components;

namespace UapiLab.Pages;

/// <summary>One file that shows histories, to be stepped through.</summary>
public static class HistoryPages
{
    /// <summary>The whole text of the page.</summary>
    /// <param name="histories">In order.</param>
    /// <param name="pairs">Of each the two runs stand side by side, below the histories.</param>
    /// <param name="answer">Sentences to stand above them where there is not just one.</param>
    /// <param name="source">The lines of a file of an encoding by its name; null where it is not at hand.</param>
    public static string Write(
        IReadOnlyList<History> histories,
        IReadOnlyList<WitnessPair> pairs,
        IReadOnlyList<string> answer,
        Func<string, IReadOnlyList<string>?> source) => ReportPage.Render<HistoryDocument>(new()
        {
            [nameof(HistoryDocument.Histories)] = histories,
            [nameof(HistoryDocument.Pairs)] = pairs,
            [nameof(HistoryDocument.Answer)] = answer,
            [nameof(HistoryDocument.Source)] = source,
        });
}
