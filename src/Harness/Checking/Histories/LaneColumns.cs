using System.Text;
using UapiLab.Harness.Text;

namespace UapiLab.Harness.Checking;

/// <summary>
/// The steps as a table with one column for each lane that takes a step; what a step changed and where it comes from stand in
/// columns to the right, or under its text where that takes fewer lines. A lane that does nothing shows its line of
/// life. Columns are as wide as their texts if there is room, and otherwise not wider than a width they all share.
/// </summary>
internal sealed class LaneColumns
{
    private const int Gap = 2;
    private const int Narrowest = 18;

    private readonly History history;
    private readonly TextPage page;
    private readonly int[] lanes;
    private readonly bool beside;
    private readonly int numberWidth;
    private readonly int[] widths;

    private LaneColumns(History history, TextPage page, int[] lanes, bool beside, int numberWidth)
    {
        this.history = history;
        this.page = page;
        this.lanes = lanes;
        this.beside = beside;
        this.numberWidth = numberWidth;
        widths = Fit();
    }

    /// <summary>Writes the table; false, and nothing written, if the page is too narrow for it.</summary>
    /// <param name="history">Whose steps.</param>
    /// <param name="page">Where to.</param>
    /// <param name="beside">Whether changes and sources may have columns of their own.</param>
    public static bool TryWrite(History history, TextPage page, bool beside)
    {
        var lanes = history.Steps.Select(s => s.Lane).Distinct().Order().ToArray();
        var number = history.Steps.Select(s => Number(s).Length).Append(1).Max();
        LaneColumns? best = null;
        foreach (var besides in beside ? (bool[])[true, false] : [false])
        {
            var columns = new LaneColumns(history, page, lanes, besides, number);
            if (columns.Fits && (best is null || columns.Height < best.Height))
            {
                best = columns;
            }
        }

        best?.Write();
        return best is not null;
    }

    private static string Number(HistoryStep step) => Invariant($"{step.Number}");

    /// <summary>Whether its columns are wide enough to be read.</summary>
    private bool Fits => widths.Length == Columns;

    /// <summary>Lines of the steps.</summary>
    private int Height => history.Steps.Sum(s => Row(s).Max(c => c.Count));

    private int Columns => lanes.Length + (beside ? 2 : 0);

    private string Title(int column) =>
        column < lanes.Length ? page.Clean(history.Lanes[lanes[column]]) : column == lanes.Length ? "changes" : "where";

    /// <summary>Texts of a cell, each on lines of its own.</summary>
    private IEnumerable<string> Cell(HistoryStep step, int column)
    {
        if (column < lanes.Length)
        {
            return lanes[column] != step.Lane ? []
                : beside ? [step.Text, .. step.Events.Select(StepText.Of)]
                : [step.Text, .. StepText.Where(step).Select(w => "@ " + w), .. step.Changes.Select(StepText.Of), .. step.Events.Select(StepText.Of)];
        }

        return column == lanes.Length ? step.Changes.Select(StepText.Of) : StepText.Where(step);
    }

    /// <summary>Widths of the columns; none if they would be too narrow to read.</summary>
    private int[] Fit()
    {
        var room = page.Width - numberWidth - (Gap * Columns);
        var natural = new int[Columns];
        for (var column = 0; column < natural.Length; column++)
        {
            var title = Title(column).Length;
            natural[column] = history.Steps.SelectMany(s => Cell(s, column)).Select(t => page.Clean(t).Length).Append(title).Max();
        }

        var shared = natural.Length == 0 ? 0 : natural.Max();
        while (natural.Sum(n => Math.Min(n, shared)) > room)
        {
            if (--shared < Narrowest)
            {
                return [];
            }
        }

        return [.. natural.Select(n => Math.Min(n, shared))];
    }

    private IReadOnlyList<string>[] Row(HistoryStep step) =>
        [.. widths.Select((width, c) => (IReadOnlyList<string>)[.. Cell(step, c).SelectMany(t => WordWrap.Broken(page.Clean(t), width, hang: 1))])];

    private void Write()
    {
        var columns = Enumerable.Range(0, Columns).ToArray();
        WriteRow("#", columns.Select(c => WordWrap.Broken(Title(c), widths[c])).ToArray(), isStep: false);
        page.Add(new string('-', numberWidth) + string.Concat(columns.Select(c => new string(' ', Gap) + new string('-', widths[c]))));
        foreach (var step in history.Steps)
        {
            WriteRow(Number(step), Row(step), isStep: true);
            if (step.Number == history.InevitableFrom)
            {
                HistoryPage.Marker(page);
            }
        }
    }

    private void WriteRow(string number, IReadOnlyList<string>[] cells, bool isStep)
    {
        var height = Math.Max(1, cells.Max(c => c.Count));
        for (var i = 0; i < height; i++)
        {
            var line = new StringBuilder((i == 0 ? number : "").PadLeft(numberWidth));
            for (var column = 0; column < cells.Length; column++)
            {
                var isIdle = isStep && column < lanes.Length && cells[column].Count == 0;
                var text = isIdle ? "|" : i < cells[column].Count ? cells[column][i] : "";
                line.Append(' ', Gap).Append(text.PadRight(widths[column]));
            }

            page.Add(line.ToString().TrimEnd());
        }
    }
}
