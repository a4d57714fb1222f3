using System.Text.RegularExpressions;

namespace UapiLab.Cli.Tests;

/// <summary>Quoted output: every line as it was printed, in a row, but for <c>…</c>, which stands for any lines where
/// it is alone and for anything within its line elsewhere.</summary>
internal static class Quotation
{
    private const string Omitted = "…";

    /// <summary>The first quoted line with which the quotation no longer fits the output, or null if all of it
    /// does.</summary>
    public static string? Misfit(IReadOnlyList<string> quoted, string output)
    {
        if (Fits(quoted, quoted.Count, output, toTheEnd: true))
        {
            return null;
        }

        return Enumerable.Range(0, quoted.Count).Where(i => !Fits(quoted, i + 1, output, toTheEnd: false))
            .Select(i => quoted[i]).FirstOrDefault("(the end)");
    }

    private static bool Fits(IReadOnlyList<string> quoted, int count, string output, bool toTheEnd)
    {
        var lines = string.Concat(quoted.Take(count).Select(line => line == Omitted ? "(?>[^\n]*\n)*?" : Line(line)));
        return Regex.IsMatch(Trimmed(output), $@"\A{lines}{(toTheEnd ? @"\z" : "")}");
    }

    private static string Line(string line) =>
        string.Join("[^\n]*", line.TrimEnd().Split(Omitted).Select(Regex.Escape)) + "\n";

    /// <summary>Blanks at the end of lines, and empty lines at the end, are not seen by a reader.</summary>
    private static string Trimmed(string output) => string.Join('\n', output.Split('\n').Select(line => line.TrimEnd()))
        .TrimEnd() + "\n";
}
