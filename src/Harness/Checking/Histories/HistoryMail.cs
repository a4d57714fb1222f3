namespace UapiLab.Harness.Checking;

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
        var page = new TextPage(Width, PlainText.Ascii);
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
