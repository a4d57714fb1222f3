namespace UapiLab.Harness.Checking;

/// <summary>A history for a terminal: one column for each lane that takes a step, one row for each step.</summary>
public static class HistoryText
{
    /// <summary>Columns, unless somebody asks for another number.</summary>
    public const int DefaultWidth = 120;

    /// <summary>Fewer columns than this make no page.</summary>
    public const int SmallestWidth = 40;

    /// <summary>The text, with a line feed at its end.</summary>
    /// <param name="history">What happened.</param>
    /// <param name="width">Columns, at least <see cref="SmallestWidth"/>. On a page that is too narrow for columns each line
    /// begins with the short name of its lane.</param>
    public static string Write(History history, int width = DefaultWidth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, SmallestWidth);
        var page = new TextPage(width, PlainText.Printable);
        HistoryPage.Head(history, page);
        if (history.Steps.Count > 0 && !LaneColumns.TryWrite(history, page, beside: true))
        {
            LanePrefixes.Write(history, page);
        }

        HistoryPage.Foot(history, page);
        return page.ToString();
    }
}
