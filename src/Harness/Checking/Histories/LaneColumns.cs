using System.Text;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>
/// The steps as a table with one column for each lane that takes a step; what a step changed and where it comes from
/// stand in columns to the right, or under its text where that takes fewer lines. A lane that does nothing shows its
/// line of life. Columns are as wide as their texts if there is room, and otherwise not wider than a width they all
/// share.
/// </summary>
internal sealed class LaneColumns
{
    private const int Gap = 2;
    private const int Narrowest = 18;

    private readonly History _history;
    private readonly TextPage _page;
    private readonly int[] _lanes;
    private readonly bool _beside;
    private readonly int _numberWidth;
    private readonly int[] _widths;

    private LaneColumns(History history, TextPage page, int[] lanes, bool beside, int numberWidth)
    {
        this._history = history;
        this._page = page;
        this._lanes = lanes;
        this._beside = beside;
        this._numberWidth = numberWidth;
        _widths = Fit();
    }

    /// <summary>Writes the table; false, and nothing written, if the page is too narrow for it.</summary>
    /// <param name="history">Whose steps.</param>
    /// <param name="page">Where to.</param>
    public static bool TryWrite(History history, TextPage page)
    {
        var lanes = history.Steps.Select(s => s.Lane).Distinct().Order().ToArray();
        var number = history.Steps.Select(s => Number(s).Length).Append(1).Max();
        LaneColumns? best = null;
        foreach (var besides in (bool[])[true, false])
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
    private bool Fits => _widths.Length == Columns;

    /// <summary>Lines of the steps.</summary>
    private int Height => _history.Steps.Sum(s => Row(s).Max(c => c.Count));

    private int Columns => _lanes.Length + (_beside ? 2 : 0);

    private string Title(int column) =>
        column < _lanes.Length ? _page.Clean(_history.Lanes[_lanes[column]]) : column == _lanes.Length ? "changes"
            : "where";

    /// <summary>Texts of a cell, each on lines of its own.</summary>
    private IEnumerable<string> Cell(HistoryStep step, int column)
    {
        if (column < _lanes.Length)
        {
            return _lanes[column] != step.Lane ? []
                : _beside ? [step.Text, .. step.Events.Select(StepText.Of)]
                : [step.Text, .. StepText.Where(step).Select(w => "@ " + w), .. step.Changes.Select(StepText.Of),
                    .. step.Events.Select(StepText.Of)];
        }

        return column == _lanes.Length ? step.Changes.Select(StepText.Of) : StepText.Where(step);
    }

    /// <summary>Widths of the columns; none if they would be too narrow to read.</summary>
    private int[] Fit()
    {
        var room = _page.Width - _numberWidth - (Gap * Columns);
        var natural = new int[Columns];
        for (var column = 0; column < natural.Length; column++)
        {
            var title = Title(column).Length;
            natural[column] = _history.Steps.SelectMany(s => Cell(s, column)).Select(t => _page.Clean(t).Length)
                .Append(title).Max();
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
        [.. _widths.Select((width, c) => (IReadOnlyList<string>)[.. Cell(step, c)
            .SelectMany(t => WordWrap.Broken(_page.Clean(t), width, hang: 1))])];

    private void Write()
    {
        var columns = Enumerable.Range(0, Columns).ToArray();
        WriteRow("#", columns.Select(c => WordWrap.Broken(Title(c), _widths[c])).ToArray(), isStep: false);
        _page.Add(new string('-', _numberWidth)
            + string.Concat(columns.Select(c => new string(' ', Gap) + new string('-', _widths[c]))));
        foreach (var step in _history.Steps)
        {
            WriteRow(Number(step), Row(step), isStep: true);
            if (step.Number == _history.InevitableFrom)
            {
                HistoryPage.Marker(_page);
            }
        }
    }

    private void WriteRow(string number, IReadOnlyList<string>[] cells, bool isStep)
    {
        var height = Math.Max(1, cells.Max(c => c.Count));
        for (var i = 0; i < height; i++)
        {
            var line = new StringBuilder((i == 0 ? number : "").PadLeft(_numberWidth));
            for (var column = 0; column < cells.Length; column++)
            {
                var isIdle = isStep && column < _lanes.Length && cells[column].Count == 0;
                var text = isIdle ? "|" : i < cells[column].Count ? cells[column][i] : "";
                line.Append(' ', Gap).Append(text.PadRight(_widths[column]));
            }

            _page.Add(line.ToString().TrimEnd());
        }
    }
}
