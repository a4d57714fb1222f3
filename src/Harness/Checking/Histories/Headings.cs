namespace UapiLab.Harness.Checking;

/// <summary>Headings of sections in a text.</summary>
internal static class Headings
{
    public static void Write(TextPage page, string title)
    {
        page.Paragraph(title);
        page.Line(new string('-', Math.Min(page.Width, Math.Max(1, page.Clean(title).Trim().Length)))).Line();
    }
}
