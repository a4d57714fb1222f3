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
        if (history.Steps.Count > 0 && !LaneColumns.TryWrite(history, page, beside: true))
        {
            LanePrefixes.Write(history, page);
        }

        HistoryPage.Foot(history, page);
        return page.ToString();
    }
}

/// <summary>A history to be pasted into a mail: 72 columns of 7-bit ASCII.</summary>
public static class HistoryMail
{
    /// <summary>Columns of a mail.</summary>
    public const int Width = 72;

    /// <summary>More lanes than this have no column each.</summary>
    private const int MostColumns = 3;

    /// <summary>The text, with a line feed at its end.</summary>
    public static string Write(History history)
    {
        var page = new TextPage(Width, CleanText.Ascii);
        HistoryPage.Head(history, page);
        var lanes = history.Steps.Select(s => s.Lane).Distinct().Count();
        if (lanes > MostColumns || (lanes > 0 && !LaneColumns.TryWrite(history, page, beside: false)))
        {
            LanePrefixes.Write(history, page);
        }

        HistoryPage.Foot(history, page);
        return page.ToString();
    }
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
    public static IReadOnlyList<(string Name, string Text)> Facts(History history)
    {
        var facts = new List<(string, string)>
        {
            ("encoding", $"{history.Encoding} (version {history.EncodingVersion})"),
            ("instance", string.Join(", ", history.Instance.Select(p => $"{p.Key}={p.Value}"))),
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
