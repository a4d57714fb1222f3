using System.Text;
using UapiLab.Harness.Foundation;

namespace UapiLab.Harness.Uapi.Patch;

/// <summary>A text of a kernel tree, and what is to change in it.</summary>
internal sealed class PatchedFile
{
    private const int Context = 3; // lines around a change, as git has them

    private readonly SortedDictionary<int, List<string>> _before = [];
    private readonly SortedDictionary<int, string> _instead = [];

    /// <param name="path">In the tree, with slashes.</param>
    /// <param name="text">What the tree has there.</param>
    /// <param name="tree">Where the tree is, for messages.</param>
    public PatchedFile(string path, string text, string tree)
    {
        Path = path;
        Name = System.IO.Path.Combine(tree, path);
        Lines = text.EndsWith('\n') ? text[..^1].Split('\n')
            : throw new InputException(Name, "expected a text that ends with a line feed");
    }

    public string Path { get; }

    /// <summary>As the user names it.</summary>
    public string Name { get; }

    /// <summary>As they are.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>The first line from there on of which something is true.</summary>
    public int? Find(Func<string, bool> isIt, int from = 0)
    {
        for (var line = from; line < Lines.Count; line++)
        {
            if (isIt(Lines[line]))
            {
                return line;
            }
        }

        return null;
    }

    /// <summary>The same, of a text that has to be there.</summary>
    public int Expect(string what, Func<string, bool> isIt, int from = 0) =>
        Find(isIt, from) ?? throw new InputException(Name, $"expected {what}");

    /// <summary>Puts lines before one, after what was put there already.</summary>
    public void Insert(int line, IEnumerable<string> lines)
    {
        string[] added = [.. lines];
        if (added.Length == 0)
        {
            return;
        }

        if (!_before.TryGetValue(line, out var known))
        {
            _before.Add(line, known = []);
        }

        known.AddRange(added);
    }

    /// <summary>The same of a text whose lines end with line feeds.</summary>
    public void Insert(int line, string text) => Insert(line, text.TrimEnd('\n').Split('\n'));

    public void Replace(int line, string text) => _instead[line] = text;

    /// <summary>A unified diff that git applies; empty if nothing changes.</summary>
    public string Diff()
    {
        var changed = _before.Keys.Concat(_instead.Keys).Distinct().Order().ToArray();
        if (changed.Length == 0)
        {
            return "";
        }

        var to = new StringBuilder();
        to.Append("diff --git a/").Append(Path).Append(" b/").Append(Path).Append('\n');
        to.Append("--- a/").Append(Path).Append("\n+++ b/").Append(Path).Append('\n');
        var moved = 0;
        for (var i = 0; i < changed.Length;)
        {
            var first = i++;
            while (i < changed.Length && changed[i] <= changed[i - 1] + (2 * Context) + 1)
            {
                i++;
            }

            moved += Hunk(to, Math.Max(0, changed[first] - Context), changed[i - 1], moved);
        }

        return to.ToString();
    }

    /// <returns>How many lines more there are after it.</returns>
    private int Hunk(StringBuilder to, int first, int lastChange, int moved)
    {
        var end = Math.Min(Lines.Count, lastChange + Context + (_instead.ContainsKey(lastChange) ? 1 : 0));
        var body = new StringBuilder();
        var more = 0;
        void Add(char sign, string line) => body.Append(sign).Append(line).Append('\n');
        for (var line = first; line < end || line == lastChange; line++)
        {
            var isReplaced = _instead.TryGetValue(line, out var instead);
            if (isReplaced)
            {
                Add('-', Lines[line]);
            }

            foreach (var inserted in _before.GetValueOrDefault(line, []))
            {
                Add('+', inserted);
                more++;
            }

            if (isReplaced)
            {
                Add('+', instead!);
            }
            else if (line < end)
            {
                Add(' ', Lines[line]);
            }
        }

        to.Append(Invariant($"@@ -{first + 1},{end - first} +{first + 1 + moved},{end - first + more} @@\n"));
        to.Append(body);
        return more;
    }
}
