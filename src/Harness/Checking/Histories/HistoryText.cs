using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>A history for a terminal: one column for each lane that takes a step, one row for each step.</summary>
public static class HistoryText
{
    /// <summary>Columns, unless the caller asks for another number.</summary>
    public const int DefaultWidth = 120;

    /// <summary>Fewer columns than this make no page.</summary>
    public const int SmallestWidth = 40;

    /// <summary>The text, with a line feed at its end.</summary>
    /// <param name="history">What happened.</param>
    /// <param name="width">Columns, at least <see cref="SmallestWidth"/>. On a page that is too narrow for columns each
    /// line begins with the short name of its lane.</param>
    public static string Write(History history, int width = DefaultWidth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, SmallestWidth);
        var page = new TextPage(width, CleanText.Printable);
        HistoryPage.Head(history, page);
        if (history.Steps.Count > 0 && !LaneColumns.TryWrite(history, page))
        {
            LanePrefixes.Write(history, page);
        }

        HistoryPage.Foot(history, page);
        return page.ToString();
    }
}

/// <summary>A history to be pasted into a mail: at most 60 lines of 72 columns of 7-bit ASCII. The story comes first;
/// below it stands what <see cref="Story"/> tells, a line for each step.</summary>
public static class HistoryMail
{
    /// <summary>Columns of a mail.</summary>
    public const int Width = 72;

    /// <summary>Lines of a mail.</summary>
    public const int MostLines = 60;

    /// <summary>Lines of the story.</summary>
    private const int MostOfStory = 10;

    private const string More = "Every step with what it changed: the .md that check writes.";

    /// <summary>The text, with a line feed at its end.</summary>
    public static string Write(History history)
    {
        var story = Story.Of(history);
        var page = new TextPage(Width, CleanText.Ascii);
        foreach (var line in StoryLines(story))
        {
            page.Add(line);
        }

        page.Add().Definitions(HistoryPage.Facts(history, isShort: true)).Add();
        if (history.Steps.Count == 0)
        {
            return page.Add(HistoryPage.NoStep).ToString();
        }

        var names = LaneNames.Short(history.Lanes);
        page.Paragraph(string.Join(", ", story.Beats.Select(b => b.By.Lane).Distinct().Order()
            .Select(l => $"{names[l]} = {history.Lanes[l]}"))).Add();
        var head = page.Lines;
        var steps = story.Beats.Select(b => StepLines(history, b, names)).ToArray();
        // The last line and the one before it are taken.
        Fit(page, story, steps, MostLines - head - 2);
        return page.Add().Add(More).ToString();
    }

    /// <summary>Property, outcome, the milestones on the frame in question, who waits for what at the end.</summary>
    private static IEnumerable<string> StoryLines(Story story)
    {
        var history = story.History;
        string[] begin = [.. Lines($"{history.Property}: {history.Outcome}", "", "  ")];
        string[][] waiting = [.. history.Waiting.Select(w => Lines(StepText.Of(history, w), "- ", "  ").ToArray())];
        string[] end = [.. Fitting(waiting, MostOfStory - begin.Length).SelectMany(w => w)];
        // The fault itself, where the outcome is decided, and then what comes last.
        Beat[] milestones = [.. story.Milestones()];
        var wanted = milestones.Take(1).Concat(milestones.Where(m => m.Step.Number == history.InevitableFrom))
            .Concat(milestones.Reverse()).Distinct()
            .Select(m => (m.Step.Number, Lines: Lines(Milestone(history, m), "- ", "  ").ToArray()));
        var room = MostOfStory - begin.Length - end.Length;
        return
        [
            .. begin, .. wanted.TakeWhile(m => (room -= m.Lines.Length) >= 0).OrderBy(m => m.Number)
                .SelectMany(m => m.Lines),
            .. end,
        ];
    }

    /// <summary>As many texts as there are lines for.</summary>
    private static IEnumerable<string[]> Fitting(IEnumerable<string[]> texts, int room) =>
        texts.TakeWhile(t => (room -= t.Length) >= 0);

    private static string Milestone(History history, Beat beat) =>
        Invariant($"step {beat.Step.Number}, {history.Lanes[beat.By.Lane]}: ")
        + Story.Tell(beat) + OfBuffer(beat.Step)
        + (beat.Step.Number == history.InevitableFrom ? "; no way out from here on" : "");

    /// <summary>A step in one or two lines: what it does, what a kernel would trace, where it stands.</summary>
    private static string[] StepLines(History history, Beat beat, IReadOnlyList<string> names)
    {
        var number = Invariant($"{history.Steps.Count}").Length;
        var lane = names.Max(n => n.Length);
        var place = beat.By.Place == Place.Other || beat.Step.Text.StartsWith(Word(beat.By.Place),
            StringComparison.Ordinal) ? "" : Word(beat.By.Place) + ": ";
        string[] where = [.. StepText.Where(beat.Step)];
        var text = place + beat.Step.Text
            + string.Concat(beat.Step.Events.Select(e => "; " + e))
            + OfBuffer(beat.Step)
            + (where.Length > 0 ? $" @ {string.Join(", ", where)}" : "");
        var begin = Invariant($"{beat.Step.Number}").PadLeft(number) + $" {names[beat.By.Lane].PadRight(lane)} ";
        return [.. Lines(text, begin,
            new string(' ', number + lane + 4))];
    }

    /// <summary>Says of a step that it stores what other threads cannot see yet.</summary>
    private static string OfBuffer(HistoryStep step) => step.Changes.Any(c => c is { Before: "no", After: "yes" }
        && c.Field.Contains(".buffer[", StringComparison.Ordinal)
        && c.Field.EndsWith(".IsUsed", StringComparison.Ordinal)) ? "; still in the store buffer" : "";

    private static string Word(Place place) => place switch
    {
        Place.Guest => "guest",
        Place.Kvm => "KVM",
        _ => "VMM",
    };

    /// <summary>As many steps as there is room for: the first ones, and those up to the end.</summary>
    private static void Fit(TextPage page, Story story, string[][] steps, int room)
    {
        var history = story.History;
        int Height(int i) => steps[i].Length + (story.Beats[i].Step.Number == history.InevitableFrom ? 1 : 0);
        var boot = story.Booted > 0 ? 1 : 0;
        var (first, last) = (0, steps.Length);
        if (Enumerable.Range(0, steps.Length).Sum(Height) + boot > room)
        {
            // One line says how many are left out; a third of the rest is for how it begins.
            room -= boot + 1;
            var left = room / 3;
            while (first < steps.Length && Height(first) <= left)
            {
                left -= Height(first);
                room -= Height(first++);
            }

            while (last > first && Height(last - 1) <= room)
            {
                room -= Height(--last);
            }
        }
        else
        {
            first = last = steps.Length;
        }

        if (boot > 0)
        {
            page.Add(StepText.Boot(story.Booted));
        }

        for (var i = 0; i < steps.Length; i++)
        {
            if (i == first && last > first)
            {
                page.Add(Invariant($"... {last - first} steps"));
            }

            if (i < first || i >= last)
            {
                foreach (var line in steps[i])
                {
                    page.Add(line);
                }

                if (story.Beats[i].Step.Number == history.InevitableFrom)
                {
                    HistoryPage.Marker(page);
                }
            }
        }
    }

    /// <summary>A text in lines of a mail; a name is broken only if it is longer than a line.</summary>
    private static IEnumerable<string> Lines(string text, string first, string rest) =>
        WordWrap.Broken(CleanText.Ascii(text), Width - Math.Max(first.Length, rest.Length))
            .Select((line, i) => (i == 0 ? first : rest) + line);
}

/// <summary>What stands before, between and after the steps in a text.</summary>
internal static class HistoryPage
{
    /// <summary>Instead of the steps where there is none.</summary>
    public const string NoStep = "No step is needed: it is so from the start.";

    public static void Head(History history, TextPage page)
    {
        page.Paragraph($"{history.Property}: {history.PropertyDoc}", rest: "  ");
        page.Paragraph(history.Outcome, rest: "  ").Add();
        page.Definitions(Facts(history)).Add();
        if (history.Steps.Count == 0)
        {
            page.Add(NoStep);
        }
    }

    /// <summary>What the history is about, for every writer.</summary>
    /// <param name="history">The history.</param>
    /// <param name="isShort">Whether parameters of the instance that are 0 are left out.</param>
    public static IReadOnlyList<(string Name, string Text)> Facts(History history, bool isShort = false)
    {
        var facts = new List<(string, string)>
        {
            ("encoding", $"{history.Encoding} (version {history.EncodingVersion})"),
            ("instance", string.Join(", ",
                history.Instance.Where(p => !isShort || p.Value != "0").Select(p => $"{p.Key}={p.Value}"))),
            ("machine", $"version {history.MachineVersion}"),
        };
        if (history.AtFirst is { } words)
        {
            facts.Add(("at first", words));
        }

        if (history.BeyondArmV8 is { } beyond)
        {
            facts.Add(("ordering", "needs what the memory model allows and ARMv8 does not: " + beyond));
        }

        return facts;
    }

    public static void Marker(TextPage page)
    {
        const string Text = $"== {StepText.Inevitable} ";
        if (Text.Length < page.Width)
        {
            page.Add(Text + new string('=', page.Width - Text.Length));
        }
        else
        {
            page.Paragraph(StepText.Inevitable, "== ", "== ");
        }
    }

    public static void Foot(History history, TextPage page)
    {
        if (history.Waiting.Count == 0)
        {
            return;
        }

        page.Add().Add("At the end");
        foreach (var waiting in history.Waiting)
        {
            page.Paragraph(StepText.Of(history, waiting), "- ", "  ");
        }
    }
}

/// <summary>The steps one under the other, each with the short name of its lane: for more lanes than a page has room
/// for.</summary>
internal static class LanePrefixes
{
    public static void Write(History history, TextPage page)
    {
        var names = LaneNames.Short(history.Lanes);
        var used = history.Steps.Select(s => s.Lane).Distinct().Order().ToArray();
        page.Paragraph(string.Join(", ", used.Select(l => $"{names[l]} = {history.Lanes[l]}"))).Add();
        var number = history.Steps.Select(s => Number(s).Length).Append(1).Max();
        var lane = used.Select(l => names[l].Length).Append(1).Max();
        var under = new string(' ', number + lane + 4);
        foreach (var step in history.Steps)
        {
            page.Paragraph(step.Text, $"{Number(step).PadLeft(number)} {names[step.Lane].PadRight(lane)} ", under);
            string[] where = [.. StepText.Where(step)];
            if (where.Length > 0)
            {
                page.Paragraph("@ " + string.Join(", ", where), under, under + "  ");
            }

            foreach (var text in step.Changes.Select(StepText.Of).Concat(step.Events.Select(StepText.Of)))
            {
                page.Paragraph(text, under, under + "  ");
            }

            if (step.Number == history.InevitableFrom)
            {
                HistoryPage.Marker(page);
            }
        }
    }

    private static string Number(HistoryStep step) => Invariant($"{step.Number}");
}
