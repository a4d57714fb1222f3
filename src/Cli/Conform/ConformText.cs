using UapiLab.Harness.Conformance;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Conform;

/// <summary>A verdict for people.</summary>
internal static class ConformText
{
    /// <param name="output">Receives it.</param>
    /// <param name="report">The verdict.</param>
    /// <param name="diagnoses">Whether to say who waits for what.</param>
    /// <param name="isOnly">Whether no other trace is told of: then the diagnosis comes before all else.</param>
    public static void Write(TextWriter output, ConformReport report, bool diagnoses, bool isOnly)
    {
        var verdict = $"{CleanText.Printable(report.File)}: {Verdict(report)}";
        if (diagnoses && !isOnly)
        {
            output.WriteLine(verdict);
        }

        if (diagnoses)
        {
            Diagnose(output, report);
        }

        if (!diagnoses || isOnly)
        {
            output.WriteLine(verdict);
        }

        output.WriteLine(Invariant(
            $"  machine {report.Machine}; {report.Events} events, {report.Explained} explained one by one; ")
                + Invariant($"{report.Vcpus} vCPUs, at most {report.Width} states each"));
        if (report.Gaps > 0)
        {
            output.WriteLine(
                Invariant($"  {report.Gaps} gaps, {report.Missing} lines or events missing: what they hide is taken ")
                + Invariant($"as possible"));
        }

        if (report.IsCutOff)
        {
            output.WriteLine("  the file ends in the middle of a line, which is left out");
        }

        Names(output, "counted only", report.Projected.Select(p => Invariant($"{p.Key} {p.Value}")));
        Names(output, "not known", report.UnknownEvents.Select(p => Invariant($"{p.Key} {p.Value}")));
        Names(output, "not recorded", report.Unobserved);
        if (report.Rejection is not { } rejection)
        {
            return;
        }

        output.WriteLine($"  seen     {rejection.Text}");
        output.WriteLine($"  allowed  {rejection.Allowed}");
        output.WriteLine($"  rule     {rejection.Rule}");
        foreach (var lane in rejection.State)
        {
            output.WriteLine($"  before   {lane}");
        }
    }

    /// <summary>Who waits for what at the end.</summary>
    public static void Diagnose(TextWriter output, ConformReport report)
    {
        foreach (var line in report.Diagnosis)
        {
            output.WriteLine(CleanText.Printable(line));
        }
    }

    private static string Verdict(ConformReport report) => report.Verdict switch
    {
        ConformVerdict.Rejected => Invariant(
            $"{report.Verdict.Words()} at event {report.Rejection!.Number} (line {report.Rejection.Line})"),
        ConformVerdict.NotDecided => $"{report.Verdict.Words()}: {report.Bound}",
        _ => report.Verdict.Words(),
    };

    private static void Names(TextWriter output, string what, IEnumerable<string> names)
    {
        var list = string.Join(", ", names);
        if (list.Length > 0)
        {
            output.WriteLine($"  {what}: {list}");
        }
    }
}
