namespace UapiLab.Harness.Checking;

/// <summary>What stands before, between and after the steps in a text.</summary>
internal static class HistoryPage
{
    /// <summary>Instead of the steps where there is none.</summary>
    public const string NoStep = "No step is needed: it is so from the start.";

    public static void Head(History history, TextPage page)
    {
        page.Paragraph($"{history.Property}: {history.PropertyDoc}", rest: "  ");
        page.Paragraph(history.Outcome, rest: "  ").Line();
        page.Definitions(Facts(history)).Line();
        if (history.Steps.Count == 0)
        {
            page.Line(NoStep);
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
            page.Line(Text + new string('=', page.Width - Text.Length));
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

        page.Line().Line("At the end");
        foreach (var waiting in history.Waiting)
        {
            page.Paragraph(StepText.Of(history, waiting), "- ", "  ");
        }
    }
}
