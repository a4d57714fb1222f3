using System.Text.RegularExpressions;
using UapiLab.Harness.Checking.Model;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>A step in a diagram.</summary>
/// <param name="Step">The step.</param>
/// <param name="Lane">Index into <see cref="HistoryDiagram.Lanes"/>.</param>
/// <param name="Arrows">What passes on, and what is read.</param>
/// <param name="Fold">Number of the fold that it is in, from 1; 0 = none.</param>
/// <param name="Topics">Indices into <see cref="HistoryDiagram.Topics"/>.</param>
internal sealed record DiagramStep(HistoryStep Step, int Lane, IReadOnlyList<DiagramArrow> Arrows, int Fold,
    IReadOnlyList<int> Topics);

/// <summary>An arrow between two lanes.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="From">Index into <see cref="HistoryDiagram.Lanes"/>.</param>
/// <param name="To">Another one.</param>
/// <param name="Text">What passes.</param>
/// <param name="Stored">Of a word that is read: the number of the step that stored it; 0 otherwise.</param>
internal sealed record DiagramArrow(ArrowKind Kind, int From, int To, string Text, int Stored = 0);

/// <summary>Steps that a reader need not see at first.</summary>
/// <param name="First">Number of the first.</param>
/// <param name="Last">Number of the last.</param>
/// <param name="Why">What they are.</param>
internal sealed record DiagramFold(int First, int Last, string Why);

/// <summary>A word of a region, or the state of a page.</summary>
/// <param name="Name">As in a change.</param>
/// <param name="Initial">Its value before the first step.</param>
internal sealed record SharedWord(string Name, string Initial);

/// <summary>A history as lanes, steps and arrows, for whoever draws it. Lanes are the parties of <see cref="Story"/>; a
/// load of a shared word has an arrow from the party whose store it reads.</summary>
internal sealed partial class HistoryDiagram
{
    /// <summary>Words and topics beyond so many are left out.</summary>
    public const int MostNames = 60;

    /// <summary>Beats of a summary.</summary>
    public const int MostMilestones = 10;

    /// <summary>A single step is folded only if it is of the boot or of a lane that is aside.</summary>
    private const int FewestChecks = 3;

    private const string Boot = "of vCPUs before their first fault";
    private const string Checks = "that change nothing another thread sees";

    private HistoryDiagram(History history) => History = history;

    public History History { get; }

    /// <summary>The parties, from left to right.</summary>
    public required IReadOnlyList<Party> Lanes { get; init; }

    public required IReadOnlyList<DiagramStep> Steps { get; init; }

    public required IReadOnlyList<DiagramFold> Folds { get; init; }

    public required IReadOnlyList<SharedWord> Words { get; init; }

    /// <summary>What can be followed: frames, tokens, words.</summary>
    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>The summary: number and words of the steps that matter most.</summary>
    public required IReadOnlyList<(int Number, Party By, string Text)> Milestones { get; init; }

    /// <summary>Number of the step that breaks the property; of one that is broken by what never comes, the last that
    /// is not folded. 0 = there is no step.</summary>
    public required int Violation { get; init; }

    public static HistoryDiagram Of(History history)
    {
        var story = Story.Of(history);
        var read = Reads(history, story.All);
        // Arrows between parties; one that stays with its party is what the step itself says.
        Arrow[][] arrows = [.. story.All.Select((b, i) => b.Arrows.Where(a => a.From != a.To)
            .Concat(read[i] is { } reads ? reads.Select(r => r.Arrow) : []).ToArray())];
        Party[] lanes =
        [
            .. story.All.Select(b => b.By).Concat(arrows.SelectMany(a => a).SelectMany(a => new[] { a.From, a.To }))
                .Distinct().OrderBy(p => p.Lane).ThenBy(p => p.Place),
        ];
        var place = lanes.Index().ToDictionary(l => l.Item, l => l.Index);
        var aside = Aside(history, arrows);
        var (folds, foldOf) = Fold(history, story, arrows, aside);
        var topics = new List<string>();
        var steps = story.All.Select((b, i) => new DiagramStep(b.Step, place[b.By],
            [
                .. b.Arrows.Where(a => a.From != a.To)
                    .Select(a => new DiagramArrow(a.Kind, place[a.From], place[a.To], Short(a))),
                .. (read[i] ?? []).Select(r =>
                    new DiagramArrow(r.Arrow.Kind, place[r.Arrow.From], place[r.Arrow.To], r.Arrow.Text, r.Stored)),
            ],
            foldOf[i], TopicsOf(b.Step, topics))).ToArray();
        var violation = story.All.FirstOrDefault(b => Story.IsViolation(b.Step))?.Step.Number
            ?? steps.LastOrDefault(s => s.Fold == 0)?.Step.Number ?? history.Steps.Count;
        return new(history)
        {
            Lanes = lanes,
            Steps = steps,
            Folds = folds,
            Words = WordsOf(history),
            Topics = topics,
            Milestones = Summary(story),
            Violation = violation,
        };
    }

    /// <summary>The first milestone, the point of no return, the last ones, and what breaks the property.</summary>
    private static (int Number, Party By, string Text)[] Summary(Story story)
    {
        Beat[] all = [.. story.Milestones()];
        return
        [
            .. all.Where((b, i) => i == 0 || b.Step.Number == story.History.InevitableFrom
                    || i >= all.Length - MostMilestones + 3)
                .Union(story.All.Where(b => Story.IsViolation(b.Step)).Take(1)).OrderBy(b => b.Step.Number)
                .Select(b => (b.Step.Number, b.By, Story.Tell(b))),
        ];
    }

    /// <summary>An arrow beside the step that says the rest.</summary>
    private static string Short(Arrow arrow) => arrow.Kind is ArrowKind.Ioctl or ArrowKind.Eventfd
        ? arrow.Text.Split([" on ", ", ", "("], 2, StringSplitOptions.None)[0] : arrow.Text;

    /// <summary>By step, what it reads that another party stored, each once for a reader.</summary>
    private static List<(Arrow Arrow, int Stored)>?[] Reads(History history, IReadOnlyList<Beat> beats)
    {
        var reads = new List<(Arrow, int)>?[beats.Count];
        var stored = new Dictionary<(int Lane, string Word, string Value), (Party By, int Number)>();
        var visible = new Dictionary<(string Word, string Value), (Party By, int Number)>();
        var seen = new HashSet<(Party, string, int)>();
        foreach (var (i, beat) in beats.Index())
        {
            var step = beat.Step;
            foreach (Match load in Load().Matches(step.Text))
            {
                var (word, value) = (load.Groups["word"].Value, load.Groups["value"].Value);
                if (visible.TryGetValue((word, value), out var from) && from.By != beat.By
                    && seen.Add((beat.By, word, from.Number)))
                {
                    var text = Invariant($"{word} = {value}, stored in {from.Number}");
                    (reads[i] ??= []).Add((new(from.By, beat.By, text, ArrowKind.Word), from.Number));
                }
            }

            foreach (Match store in Store().Matches(step.Text))
            {
                stored[(step.Lane, store.Groups["word"].Value, store.Groups["value"].Value)] = (beat.By, step.Number);
            }

            foreach (var change in step.Changes)
            {
                // A buffered store becomes visible wherever its thread has got to meanwhile.
                visible[(change.Field, change.After)] = step.Scheduled.Kind == StepKind.Commit
                    && stored.TryGetValue((step.Lane, change.Field, change.After), out var by)
                    ? by : (beat.By, step.Number);
            }
        }

        return reads;
    }

    /// <summary>Lanes of the history from which no arrow leads, not by way of others either, to a lane on which the
    /// property is decided.</summary>
    private static HashSet<int> Aside(History history, Arrow[][] arrows)
    {
        var part = history.Steps.Where(s => s.Number == history.InevitableFrom || Story.IsViolation(s))
            .Select(s => s.Lane).Concat(history.Waiting.Where(w => w.WouldWake is not null).Select(w => w.Lane))
            .ToHashSet();
        if (part.Count == 0)
        {
            return [];
        }

        (int From, int To)[] edges = [.. arrows.SelectMany(a => a).Select(a => (a.From.Lane, a.To.Lane)).Distinct()];
        while (edges.Any(e => part.Contains(e.To) && part.Add(e.From)))
        {
        }

        return [.. Enumerable.Range(0, history.Lanes.Count).Except(part)];
    }

    private static (List<DiagramFold> Folds, int[] FoldOf) Fold(History history, Story story, Arrow[][] arrows,
        HashSet<int> aside)
    {
        var told = story.Beats.Select(b => b.Step.Number).ToHashSet();
        string? Why(int i) => history.Steps[i] is var step
            && (step.Number == history.InevitableFrom || Story.IsViolation(step)) ? null
            : story.IsBoot(step) ? Boot
            : aside.Contains(step.Lane) ? $"of {history.Lanes[step.Lane]}, on which nothing here depends"
            : told.Contains(step.Number) || arrows[i].Length > 0 ? null : Checks;
        var folds = new List<DiagramFold>();
        var foldOf = new int[history.Steps.Count];
        for (var (first, next) = (0, 0); first < foldOf.Length; first = next)
        {
            var why = Why(first);
            for (next = first + 1; next < foldOf.Length && Why(next) == why; next++)
            {
            }

            if (why is not null && (why != Checks || next - first >= FewestChecks))
            {
                folds.Add(new(first + 1, next, why));
                Array.Fill(foldOf, folds.Count, first, next - first);
            }
        }

        if (folds is [var only] && only.First == 1 && only.Last == foldOf.Length)
        {
            return ([], new int[foldOf.Length]);
        }

        return (folds, foldOf);
    }

    private static SharedWord[] WordsOf(History history)
    {
        var words = new Dictionary<string, string>();
        var order = new List<string>();
        void Know(string word, string value)
        {
            if (words.TryAdd(word, value))
            {
                order.Add(word);
            }
        }

        foreach (var step in history.Steps.TakeWhile(_ => order.Count < MostNames))
        {
            foreach (Match load in Load().Matches(step.Text))
            {
                Know(load.Groups["word"].Value, load.Groups["value"].Value);
            }

            foreach (var change in step.Changes.Where(c => Story.IsShared(c.Field)))
            {
                Know(change.Field, change.Before);
            }
        }

        return [.. order.Take(MostNames).Select(w => new SharedWord(w, words[w]))];
    }

    /// <summary>What a step names, and the list of all names so far.</summary>
    private static int[] TopicsOf(HistoryStep step, List<string> topics)
    {
        var named = step.Events.Prepend(step.Text).SelectMany(t => Topic().Matches(t)).Select(m => m.Value)
            .Concat(step.Changes.Where(c => Story.IsShared(c.Field)).Select(c => c.Field));
        var found = new SortedSet<int>();
        foreach (var name in named)
        {
            var at = topics.IndexOf(name);
            if (at < 0 && topics.Count < MostNames)
            {
                at = topics.Count;
                topics.Add(name);
            }

            if (at >= 0)
            {
                found.Add(at);
            }
        }

        return [.. found];
    }

    /// <summary>A load, or the load in an atomic operation.</summary>
    [GeneratedRegex(@"\b(?:load|xchg|cmpxchg|fetch_\w+) (?<word>[^ ;]+\]) (?:= |(?:with \S+: )?)(?<value>0x[0-9a-f]+)")]
    private static partial Regex Load();

    [GeneratedRegex(@"\bstore (?<word>[^ ;]+\]) := (?<value>0x[0-9a-f]+)")]
    private static partial Regex Store();

    [GeneratedRegex(@"\bgfn (?:0x[0-9a-f]+|\d+)|\btoken (?:0x[0-9a-f]+)"
        + @"|(?<=\b(?:load|store|xchg|cmpxchg|fetch_\w+) )[^ ;]+\]")]
    private static partial Regex Topic();
}
