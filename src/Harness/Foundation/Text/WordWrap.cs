using System.Text;

namespace UapiLab.Harness.Foundation.Text;

/// <summary>The one way in which words become lines.</summary>
public static class WordWrap
{
    /// <summary>Where a long word is best broken: after one of these.</summary>
    private const string BreakAfter = "._-/,:|)]=";

    /// <summary>Lines of a text; at least one, which may be empty.</summary>
    /// <param name="text">Words between blanks.</param>
    /// <param name="width">Columns of a line.</param>
    public static IReadOnlyList<string> Fill(string text, int width) =>
        Fill(Words(text), width, width, breaks: false);

    /// <summary>Lines of words, each line as full as its width allows; at least one, which may be empty.</summary>
    /// <param name="words">What stands together.</param>
    /// <param name="first">Columns of the first line.</param>
    /// <param name="rest">Columns of the others.</param>
    /// <param name="breaks">Whether a word that is longer than a line goes on in the next one; else it has a line that
    /// is too long.</param>
    public static IReadOnlyList<string> Fill(IEnumerable<string> words, int first, int rest, bool breaks)
    {
        var lines = new List<string>();
        var line = new StringBuilder();
        int Room() => lines.Count == 0 ? first : rest;
        foreach (var word in words)
        {
            var left = word;
            if (line.Length > 0 && line.Length + 1 + left.Length > Room())
            {
                // A word that has to be broken anyway may as well begin here.
                var here = breaks && left.Length > rest ? BreakWithin(left, Room() - line.Length - 1) : 0;
                lines.Add(here > 0 ? $"{line} {left[..here]}" : line.ToString());
                left = left[here..];
                line.Clear();
            }

            while (breaks && left.Length > Room())
            {
                var length = BreakAt(left, Room());
                lines.Add(left[..length]);
                left = left[length..];
            }

            line.Append(line.Length > 0 ? " " : "").Append(left);
        }

        if (line.Length > 0 || lines.Count == 0)
        {
            lines.Add(line.ToString());
        }

        return lines;
    }

    /// <summary>What stands between blanks.</summary>
    public static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Lines in which long words are broken.</summary>
    /// <param name="text">One line.</param>
    /// <param name="width">Columns.</param>
    /// <param name="hang">Blanks before each line but the first.</param>
    internal static IReadOnlyList<string> Broken(string text, int width, int hang = 0)
    {
        var lines = Fill(Words(text), width, width - hang, breaks: true);
        return hang == 0 ? lines : [lines[0], .. lines.Skip(1).Select(line => new string(' ', hang) + line)];
    }

    private static int BreakAt(string word, int room)
    {
        var length = BreakWithin(word, room) is var best && best >= room / 2 && best > 0 ? best : room;
        return length > 1 && char.IsHighSurrogate(word[length - 1]) ? length - 1 : length;
    }

    /// <summary>How much of a word, up to a good place to break it, there is room for.</summary>
    private static int BreakWithin(string word, int room) =>
        room < 1 ? 0 : word.AsSpan(0, Math.Min(room, word.Length)).LastIndexOfAny(BreakAfter) + 1;
}
