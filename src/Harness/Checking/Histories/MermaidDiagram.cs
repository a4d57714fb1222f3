using System.Text;
using System.Text.RegularExpressions;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>A story as a Mermaid sequence diagram: guest, KVM and VMM of each vCPU that acts, and the other threads,
/// are participants. What passes between two of them is an arrow, and what one does by itself a note.</summary>
internal static class MermaidDiagram
{
    public static void Write(History history, StringBuilder md)
    {
        var story = Story.Of(history);
        Party[] parties =
        [
            .. story.Beats.SelectMany(b => b.Arrows.SelectMany(a => new[] { a.From, a.To })
                .Concat(b.Arrows.Count == 0 ? [b.By] : [])).Distinct().OrderBy(p => p.Lane).ThenBy(p => p.Place),
        ];
        md.Append("```mermaid\nsequenceDiagram\n");
        foreach (var party in parties)
        {
            md.Append(Invariant($"    participant {Id(party)} as {MermaidText.Escaped(party.Name(history))}\n"));
        }

        var all = parties.Length == 1 ? Id(parties[0]) : $"{Id(parties[0])},{Id(parties[^1])}";
        if (story.Booted > 0)
        {
            md.Append(Invariant($"    Note over {all}: {MermaidText.Escaped(StepText.Boot(story.Booted))}\n"));
        }

        foreach (var beat in story.Beats)
        {
            Beat(beat, md);
            if (beat.Step.Number == history.InevitableFrom)
            {
                md.Append(Invariant($"    Note over {all}: {MermaidText.Escaped(StepText.Inevitable)}\n"));
            }
        }

        md.Append("```\n");
    }

    private static void Beat(Beat beat, StringBuilder md)
    {
        if (beat.Arrows.Count == 0)
        {
            md.Append(Invariant(
                $"    Note over {Id(beat.By)}: {beat.Step.Number} {MermaidText.Escaped(beat.Step.Text)}\n"));
        }

        foreach (var arrow in beat.Arrows)
        {
            md.Append(Invariant($"    {Id(arrow.From)}{(arrow.IsWake ? "-->>" : "->>")}{Id(arrow.To)}: "))
                .Append(Invariant($"{beat.Step.Number} {MermaidText.Escaped(arrow.Text)}\n"));
        }
    }

    private static string Id(Party party) => Invariant($"{party.Place.ToString()[0]}{party.Lane}");
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
