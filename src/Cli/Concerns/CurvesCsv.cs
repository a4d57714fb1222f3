using System.Globalization;
using UapiLab.Harness.Lab.Concerns;

namespace UapiLab.Cli.Concerns;

/// <summary>The curves of all cells, one point a line, for a plot.</summary>
internal static class CurvesCsv
{
    public static string Write(IEnumerable<ConcernCell> cells)
    {
        var lines =
            from cell in cells
            from curve in cell.Evidence.Select(e => e.Curve).OfType<Harness.Lab.Concerns.Sweeps.Curve>()
            from point in curve.Points
            select string.Join(',',
                new[] { cell.Encoding, cell.Concern, curve.What, curve.Parameter, point.At }.Select(Quoted)
                .Concat([Number(curve.Level), Number(point.Mean), Number(point.Low), Number(point.High)]));
        return "encoding,concern,what,parameter,at,level,mean,low,high\n"
            + string.Concat(lines.Select(line => line + "\n"));
    }

    private static string Quoted(string text) => text.Contains(',') || text.Contains('"')
        ? $"\"{text.Replace("\"", "\"\"")}\"" : text;

    private static string Number(decimal? value) => value?.ToString("0.######", CultureInfo.InvariantCulture) ?? "";
}
