using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Pages.Model;

/// <summary>A history for explorer.js, and the names that it shares with the page.</summary>
internal static class ExplorerData
{
    /// <summary>Lines shown before and after one of the encoding.</summary>
    private const int Around = 3;

    /// <summary>Every character that has a meaning in HTML is escaped.</summary>
    private static readonly JsonSerializerOptions s_compact = new(JsonText.Ascii)
    {
        WriteIndented = false,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string Write(HistoryDiagram diagram, Func<string, IReadOnlyList<string>?> source, string id,
        int window) => JsonSerializer.Serialize(
        new
        {
            id,
            window,
            diagram.History.InevitableFrom,
            diagram.Violation,
            seen = Some(diagram.History.Seen),
            lanes = diagram.Lanes.Select(l => new { name = l.Name(diagram.History), kind = Class(l) }),
            folds = diagram.Folds.Select(f => new { f.First, f.Last, text = Words(f) }),
            diagram.Words,
            steps = diagram.Steps.Select(s => new
            {
                s.Lane,
                s.Step.Text,
                where = StepText.Where(s.Step) is var where && where.Any() ? string.Join(" · ", where) : null,
                s.Step.Source,
                fold = s.Fold == 0 ? null : (int?)s.Fold,
                arrows = Some(s.Arrows.Select(a => new
                {
                    kind = Class(a),
                    a.From,
                    a.To,
                    a.Text,
                    stored = a.Stored == 0 ? null : (int?)a.Stored,
                })),
                changes = Some(s.Step.Changes.Select(c => new[] { c.Field, c.Before, c.After })),
                events = Some(s.Step.Events),
                topics = Some(s.Topics),
                marks = Some(Marks(diagram, s)),
            }),
            sources = Sources(diagram.History, source),
        },
        s_compact);

    /// <summary>What stands below a step.</summary>
    public static IEnumerable<string> Marks(HistoryDiagram diagram, DiagramStep step)
    {
        if (step.Step.Number == diagram.History.InevitableFrom)
        {
            yield return "— " + StepText.Inevitable;
        }

        if (step.Step.Number == diagram.Violation && !diagram.History.IsGood)
        {
            yield return "✗ " + diagram.History.Outcome;
        }
    }

    public static string Words(DiagramFold fold) => fold.First == fold.Last
        ? Invariant($"step {fold.First}: a step {fold.Why}")
        : Invariant($"steps {fold.First} to {fold.Last}: steps {fold.Why}");

    public static string Class(Party party) => party.Place switch
    {
        Place.Guest => "guest",
        Place.Kvm => "kvm",
        Place.Vmm => "vmm",
        _ => "other",
    };

    public static string Class(DiagramArrow arrow) =>
        $"arrow {arrow.Kind.ToString().ToLowerInvariant()} {(arrow.From < arrow.To ? "right" : "left")}";

    private static T[]? Some<T>(IEnumerable<T> items) => items.ToArray() is { Length: > 0 } some ? some : null;

    /// <summary>By file, the lines around each that a step names, by their numbers.</summary>
    private static SortedDictionary<string, SortedDictionary<int, string>> Sources(History history,
        Func<string, IReadOnlyList<string>?> source)
    {
        var sources = new SortedDictionary<string, SortedDictionary<int, string>>(StringComparer.Ordinal);
        foreach (var place in history.Steps.Select(s => s.Source).OfType<string>().Distinct()
            .SelectMany(s => s.Split(", ")))
        {
            if (place.Split(':') is not [var file, var numbers] || source(file) is not { } lines)
            {
                continue;
            }

            var shown = sources.TryGetValue(file, out var known) ? known : sources[file] = [];
            foreach (var number in numbers.Split(','))
            {
                if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var line))
                {
                    for (var at = Math.Max(1, line - Around); at <= Math.Min(lines.Count, line + Around); at++)
                    {
                        shown[at] = lines[at - 1].TrimEnd();
                    }
                }
            }
        }

        return sources;
    }
}
