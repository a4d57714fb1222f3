using UapiLab.Harness.Checking.Histories;

namespace UapiLab.Pages.Model;

/// <summary>Histories to be stepped through in a page that shows something else too.</summary>
/// <param name="Histories">In order.</param>
/// <param name="Pairs">Of each the two runs stand side by side.</param>
/// <param name="Source">The lines of a file of an encoding by its name; null where it is not at hand.</param>
public sealed record HistorySet(
    IReadOnlyList<History> Histories, IReadOnlyList<WitnessPair> Pairs, Func<string, IReadOnlyList<string>?> Source)
{
    /// <summary>Steps of all histories together that keep a page below 2 MB.</summary>
    internal const int MostSteps = 1_500;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Histories.Count == 0 && Pairs.Count == 0;

    /// <summary>Those that have room: the first in any case, and each one after it that still fits.</summary>
    public IReadOnlyList<History> Shown
    {
        get
        {
            var steps = Pairs.Sum(p => p.First.Steps.Count + p.Second.Steps.Count);
            var shown = new List<History>();
            foreach (var history in Histories)
            {
                if (shown.Count == 0 || steps + history.Steps.Count <= MostSteps)
                {
                    steps += history.Steps.Count;
                    shown.Add(history);
                }
            }

            return shown;
        }
    }
}
