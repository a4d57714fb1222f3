using System.Text;
using UapiLab.Abstractions;
using UapiLab.Harness.Lab.Concerns;

namespace UapiLab.Cli.Concerns;

/// <summary>The matrix and its cells as text.</summary>
internal static class ConcernsText
{
    private static string Word(ConcernVerdict verdict) => verdict == ConcernVerdict.Broken ? "BROKEN"
        : ConcernVerdicts.Word(verdict);

    /// <summary>One block for each concern, one line for each encoding.</summary>
    public static string Matrix(IReadOnlyList<ConcernCell> cells, IEnumerable<string> encodings,
        IEnumerable<IConcern> concerns)
    {
        var text = new StringBuilder();
        var names = encodings.ToArray();
        var width = names.Select(n => n.Length).DefaultIfEmpty(0).Max();
        foreach (var concern in concerns)
        {
            text.Append(concern.Id).Append("  ").Append(concern.Title).Append('\n');
            foreach (var name in names)
            {
                if (cells.FirstOrDefault(c => c.Concern == concern.Id && c.Encoding == name) is { } cell)
                {
                    text.Append("  ").Append(name.PadRight(width)).Append("  ").Append(Word(cell.Verdict).PadRight(11))
                        .Append("  ").Append(cell.Summary).Append('\n');
                }
            }

            text.Append('\n');
        }

        return text.Append("Evidence of a cell, and the command that repeats it: concerns ENCODING CONCERN --explain\n")
            .ToString();
    }

    /// <summary>Everything about one cell.</summary>
    public static string Explain(IConcern concern, ConcernCell cell, IReadOnlyList<string> plugins)
    {
        var text = new StringBuilder();
        text.Append(concern.Id).Append(' ').Append(concern.Title).Append(": ").Append(cell.Encoding).Append('\n');
        text.Append("  asked     ").Append(concern.Question).Append('\n');
        text.Append("  raised    ").Append(concern.Source).Append('\n');
        text.Append("  decided   ").Append(concern.Method).Append('\n');
        text.Append("  verdict   ").Append(Word(cell.Verdict)).Append(": ").Append(cell.Summary).Append('\n');
        foreach (var evidence in cell.Evidence)
        {
            text.Append("  evidence  ").Append(evidence.Text).Append('\n');
            text.Append(evidence.Command.Length > 0
                ? $"            uapilab {evidence.Command}{string.Concat(plugins.Select(p => " --plugin " + p))}\n"
                : "");
        }

        foreach (var details in cell.Evidence.Select(e => e.Details).Where(d => d.Length > 0))
        {
            text.Append('\n').Append(details);
        }

        return text.Append('\n').ToString();
    }
}
