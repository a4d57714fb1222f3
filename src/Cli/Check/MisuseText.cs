using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Misuse;

namespace UapiLab.Cli.Check;

/// <summary>Which mistakes of a VMM an encoding punishes, as text: the answer, a table, the rules, the worst
/// history.</summary>
internal static class MisuseText
{
    private const int Columns = 80;
    private const string Indent = "      ";

    public static void Write(TextWriter output, MisuseReport report, TimeSpan elapsed)
    {
        Fill(output, "", string.Join(' ', report.Sentences));
        output.WriteLine();
        output.WriteLine(Invariant($"{report.Encoding}: mistakes of a VMM, each on the smallest machine that shows it")
            + (report.Explored == report.Encoding ? "" : $" (explored as {report.Explored})"));
        foreach (var verdict in Enum.GetValues<MisuseVerdict>().Reverse())
        {
            var cases = report.Cases.Where(c => c.Verdict == verdict).ToArray();
            if (cases.Length == 0)
            {
                continue;
            }

            output.WriteLine();
            output.WriteLine(Invariant($"{verdict.Words()}: {cases.Length}"));
            foreach (var made in cases)
            {
                Fill(output, $"{made.Id,-5} ", made.What);
                Fill(output, Indent, string.Join("; ", new[]
                {
                    made.Why,
                    made is { IsHarmful: true, IsSeenInSimulation: false } ? "no simulated run shows it" : "",
                    made.Refusal.Length > 0 && made.Refusal != made.Why ? "refused on the way: " + made.Refusal : "",
                    made.Instance.Length > 0 ? Invariant($"{made.Instance}, {made.States:N0} states") : "",
                }.Where(t => t.Length > 0)));
            }
        }

        output.WriteLine();
        output.WriteLine("What userspace has to keep to");
        foreach (var rule in report.Cases.Where(c => c.IsHarmful).OrderByDescending(c => c.Verdict)
            .Select(c => c.Rule).Distinct())
        {
            Fill(output, "  - ", rule);
        }

        output.WriteLine();
        output.WriteLine("The careful VMM: " + string.Join(", ", report.Controls.Select(c => Invariant(
            $"{c.Instance} {(c.Broken.Count > 0 ? string.Join("+", c.Broken) + " BROKEN" : c.Bound is { } bound
                ? "is not used, beyond " + bound : "holds")} ({c.States:N0} states)"))));
        output.WriteLine(Invariant($"In {elapsed.TotalSeconds:F1} s."));
        if (report.Worst?.History is { } history)
        {
            output.WriteLine();
            output.Write(HistoryMail.Write(history));
        }

        output.WriteLine();
    }

    private static void Fill(TextWriter output, string head, string text)
    {
        var lines = WordWrap.Fill(text, Columns - Math.Max(head.Length, 0));
        for (var i = 0; i < lines.Count; i++)
        {
            output.WriteLine((i == 0 ? head : new string(' ', head.Length)) + lines[i]);
        }
    }
}
