using Spectre.Console;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Compare;

/// <summary>The table at the end, readable in 100 columns.</summary>
internal static class ComparisonTable
{
    private const int Width = 100;
    private const int LabelWidth = 30;

    public static void Write(Terminal terminal, ComparisonReport report)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(terminal.Coloured ?? terminal.Out),
            Ansi = terminal.Coloured is null ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = terminal.Coloured is null ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = Width;
        foreach (var workload in report.Workloads)
        {
            console.MarkupLineInterpolated($"[bold]{CleanText.Page(workload.Name)}[/] (policy {workload.Policy})");
            console.Write(Table(report, workload));
            console.WriteLine();
        }

        console.Write(WorkloadTable.ScreenLegend(Width));
        if (report.Encodings.Any(e => e.IsNeverPosted))
        {
            console.WriteLine($"* {Words.NeverPosted}");
        }

        console.WriteLine();
        foreach (var sentence in ReportSummary.Of(report).Concat(report.Statements))
        {
            console.WriteLine("- " + CleanText.Page(sentence));
        }
    }

    private static Table Table(ComparisonReport report, WorkloadEntry workload)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        string[] headers =
        [
            "encoding", "speed-up", .. WorkloadTable.NarrowColumns(report, workload).Select(m => m.Column!.Heading),
            "own best policy", "viol",
        ];
        foreach (var (header, i) in headers.Select((h, i) => (h, i)))
        {
            var column = new TableColumn(new Text(header, new Style(decoration: Decoration.Dim))).PadLeft(0)
                .PadRight(i == headers.Length - 1 ? 0 : 2);
            table.AddColumn(i == 0 ? column.LeftAligned().Width(LabelWidth) : column.RightAligned().NoWrap());
        }

        foreach (var line in WorkloadTable.Of(report, workload))
        {
            string[] cells =
            [
                line.Label, line.Speedup, .. line.Narrow, line.BestGains ? $"{line.BestMean} {line.BestPolicy}" : "",
                line.Violations.Length > 0 ? "yes" : "-",
            ];
            table.AddRow(
                cells.Select((cell, i) => new Text(CleanText.Page(cell),
                    i == cells.Length - 1 && cell == "yes" ? new Style(Color.Red) : Style.Plain)));
        }

        return table;
    }
}
