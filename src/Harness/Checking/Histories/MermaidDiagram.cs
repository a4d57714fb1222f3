using System.Text;
using System.Text.RegularExpressions;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>The steps as a Mermaid sequence diagram: lanes are participants, a step that acts upon another lane is a
/// message to it, any other step a note.</summary>
internal static class MermaidDiagram
{
    /// <summary>With these a step says that it acts upon the lane it names.</summary>
    private static readonly string[] s_verbs = ["ioctl ", "kick ", "wake ", "complete "];

    public static void Write(History history, StringBuilder md)
    {
        var lanes = history.Steps.Select(s => s.Lane).Distinct().Order().ToArray();
        md.Append("```mermaid\nsequenceDiagram\n");
        foreach (var lane in lanes)
        {
            md.Append(Invariant($"    participant L{lane} as {MermaidText.Escaped(history.Lanes[lane])}\n"));
        }

        foreach (var step in history.Steps)
        {
            Step(history, lanes, step, md);
            if (step.Number == history.InevitableFrom)
            {
                var over = string.Join(',', lanes.Where((_, i) => i == 0 || i == lanes.Length - 1).Select(Id));
                md.Append("    Note over ").Append(over).Append(": ").Append(MermaidText.Escaped(StepText.Inevitable))
                    .Append('\n');
            }
        }

        md.Append("```\n");
    }

    private static void Step(History history, int[] lanes, HistoryStep step, StringBuilder md)
    {
        var text = Invariant($"{step.Number} {MermaidText.Escaped(step.Text)}");
        var to = ActsUpon(history, lanes, step);
        if (to >= 0)
        {
            md.Append(Invariant($"    L{step.Lane}->>L{to}: {text}\n"));
        }
        else
        {
            md.Append(Invariant($"    Note over L{step.Lane}: {text}\n"));
        }

        foreach (var woken in Woken(history, lanes, step).Where(w => w != to))
        {
            md.Append(Invariant($"    L{step.Lane}-->>L{woken}: wakes it\n"));
        }
    }

    private static string Id(int lane) => "L" + Invariant($"{lane}");

    /// <summary>The other lane that the text names, if it begins with a verb; else -1.</summary>
    private static int ActsUpon(History history, int[] lanes, HistoryStep step)
    {
        if (!s_verbs.Any(v => step.Text.StartsWith(v, StringComparison.OrdinalIgnoreCase)))
        {
            return -1;
        }

        var named = lanes.Where(l => l != step.Lane && Names(step.Text, history.Lanes[l])).ToArray();
        return named.Length == 1 ? named[0] : -1;
    }

    private static bool Names(string text, string lane)
    {
        var at = lane.Length == 0 ? -1 : text.IndexOf(lane, StringComparison.OrdinalIgnoreCase);
        return at >= 0 && (at + lane.Length == text.Length || !char.IsLetterOrDigit(text[at + lane.Length]));
    }

    /// <summary>Lanes whose thread the step made able to go on.</summary>
    private static IEnumerable<int> Woken(History history, int[] lanes, HistoryStep step)
    {
        foreach (var lane in lanes)
        {
            var field = FieldPrefix(history.Lanes[lane]);
            if (lane != step.Lane
                && step.Changes.Any(c => c.After == "None"
                && (c.Field == field + ".Blocked" || c.Field == field + ".thread.Blocked")))
            {
                yield return lane;
            }
        }
    }

    /// <summary>How fields of a lane begin: <c>vcpu0</c> for "vCPU 0".</summary>
    private static string FieldPrefix(string lane) =>
        LaneNames.Short([lane])[0] is var name && name.StartsWith("cpu", StringComparison.Ordinal) ? "v" + name : name;
}

/// <summary>Texts of a history as themselves within a Mermaid diagram.</summary>
internal static partial class MermaidText
{
    /// <summary>Characters that mean themselves everywhere in a sequence diagram.</summary>
    private const string Plain = " .,_-+=*/()[]'!?";

    /// <summary>Everything with a meaning of its own is written as an entity: a semicolon or hash ends the statement,
    /// two per cents or dollars begin a comment or a formula, a colon may be taken for the beginning of the text, and
    /// the word "end" for the end of a block.</summary>
    public static string Escaped(string raw)
    {
        var escaped = new StringBuilder();
        foreach (var rune in End().Replace(CleanText.Printable(raw), "\0nd").EnumerateRunes())
        {
            if (rune.Value == 0)
            {
                Entity(escaped, 'e');
            }
            else if (Rune.IsLetterOrDigit(rune)
                || (rune.IsAscii && Plain.Contains((char)rune.Value, StringComparison.Ordinal)))
            {
                escaped.Append(rune);
            }
            else
            {
                Entity(escaped, rune.Value);
            }
        }

        return escaped.ToString().Trim();
    }

    private static void Entity(StringBuilder text, int code) => text.Append(Invariant($"#{code};"));

    [GeneratedRegex(@"\bend\b")]
    private static partial Regex End();
}
