using System.Xml.Linq;
using OxyPlot;

namespace UapiLab.Pages.Charts;

/// <summary>A chart as SVG that takes its colours and its font from the page.</summary>
/// <param name="Title">What it is, for readers that see no picture.</param>
/// <param name="Markup">The element.</param>
public sealed record Svg(string Title, string Markup)
{
    /// <summary>Draws a chart.</summary>
    public static Svg Of(PlotModel model, string title, int width, int height)
    {
        // Sizes as on the screen, not as an exporter guesses them from a font it does not have.
        var exporter = new SvgExporter { Width = width, Height = height };
        XElement root = XDocument.Parse(exporter.ExportToString(model)).Root!;
        return new(title, Themed(root, title, width, height));
    }

    /// <summary>The one step from what OxyPlot wrote to what stands in the page.</summary>
    private static string Themed(XElement root, string title, int width, int height)
    {
        // Nothing reaches out of a chart, and the names of the clips would be the same in all of them.
        root.Descendants().Where(e => e.Name.LocalName == "defs").Remove();
        foreach (XElement element in root.DescendantsAndSelf())
        {
            element.Name = element.Name.LocalName;
            string fill = (string?)element.Attribute("fill") is { } colour ? $"fill:{colour};" : "";
            string style = fill + (string?)element.Attribute("style");
            foreach (string name in (string[])["fill", "style", "clip-path", "font-family", "font-weight"])
            {
                element.SetAttributeValue(name, null);
            }

            element.SetAttributeValue("style", style.Length == 0 ? null : Ink.Replace(style));
        }

        root.ReplaceAttributes(
            new XAttribute("class", "chart"), new XAttribute("role", "img"), new XAttribute("aria-label", title),
            new XAttribute("viewBox", Invariant($"0 0 {width} {height}")));
        return root.ToString(SaveOptions.DisableFormatting);
    }
}
