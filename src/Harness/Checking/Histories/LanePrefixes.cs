namespace UapiLab.Harness.Checking;

/// <summary>The steps one under the other, each with the short name of its lane: for more lanes than a page has room for.</summary>
internal static class LanePrefixes
{
    public static void Write(History history, TextPage page)
    {
        var names = LaneNames.Short(history.Lanes);
        var used = history.Steps.Select(s => s.Lane).Distinct().Order().ToArray();
        page.Paragraph(string.Join(", ", used.Select(l => $"{names[l]} = {history.Lanes[l]}"))).Line();
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
