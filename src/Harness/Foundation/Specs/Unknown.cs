using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Foundation.Specs;

/// <summary>Messages about a word that is none of those allowed, with the one that was probably meant.</summary>
public static class Unknown
{
    private const int LongestWord = 200;

    /// <summary>Makes the exception: <c>place: unknown kind 'word', did you mean 'x'? expected one of a, b,
    /// c</c>.</summary>
    /// <param name="place">Where the word stands.</param>
    /// <param name="kind">What it should be.</param>
    /// <param name="word">The word.</param>
    /// <param name="allowed">What it may be.</param>
    /// <param name="besides">How it may be something else.</param>
    public static InputException Word(string place, string kind, string word, IReadOnlyList<string> allowed,
        string besides = "") =>
        new(place, $"unknown {kind} '{CleanText.Short(word)}'{Hint(word, allowed)} expected {List(allowed)}{besides}");

    /// <summary>The allowed word that is the fewest edits away, if these are few enough to be a slip of the hand; the
    /// first of several.</summary>
    public static string? Nearest(string word, IEnumerable<string> allowed)
    {
        // What is that long is no slip of the hand, and the distances would take memory in proportion.
        if (word.Length > LongestWord)
        {
            return null;
        }

        // MinBy of no elements is null for a class only, so the distance is taken twice instead of kept in a tuple.
        var best = allowed.MinBy(a => EditDistance(word, a));
        return best is not null && EditDistance(word, best) <= Math.Max(1, best.Length / 3) ? best : null;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that turn one word into the other
    /// (optimal string alignment).</summary>
    public static int EditDistance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1,
                    rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }

    private static string Hint(string word, IReadOnlyList<string> allowed) =>
        Nearest(word, allowed) is { } near ? $", did you mean '{near}'?" : ",";

    private static string List(IReadOnlyList<string> allowed) => allowed.Count switch
    {
        0 => "none at all",
        1 => allowed[0],
        _ => "one of " + string.Join(", ", allowed),
    };
}
