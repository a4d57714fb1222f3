using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Check;

/// <summary>What KVM can know, as text.</summary>
internal static class KnowledgeOutput
{
    public static void Write(TextWriter output, KnowledgeOutcome outcome, TimeSpan elapsed)
    {
        output.WriteLine($"{outcome.Encoding}: what KVM can know when it injects not-present");
        output.WriteLine("  machine     "
            + string.Join("  ", outcome.Instance.Parameters.Skip(1).Select(p => $"{p.Key} {p.Value}")));
        output.WriteLine(
            Invariant($"  covered     {outcome.States:N0} states, no reduction, {elapsed.TotalSeconds:F1} s"));
        foreach (var finding in outcome.Findings)
        {
            output.WriteLine($"  {finding.Id,-4}{finding.Verdict.Words(),-19}{Details(finding)}");
            output.WriteLine($"      {finding.Doc}");
        }

        foreach (var finding in outcome.Findings.Where(f => f.Witness is not null))
        {
            output.WriteLine();
            output.Write(WitnessText.Mail(finding.Witness!));
        }

        if (outcome.Table is { } table)
        {
            output.WriteLine();
            output.Write(KnowledgeText.Mail(table));
        }

        output.WriteLine();
    }

    private static string Details(KnowledgeFinding finding) => finding.Verdict == KnowledgeVerdict.NothingToDecide
        ? "there is nothing to tell"
        : Invariant(
            $"KVM can tell {finding.Views:N0} injection{(finding.Views == 1 ? "" : "s")} apart by what it has seen; ")
            + Invariant($"{finding.Ambiguous:N0} of them may be needed or needless, ")
            + Invariant($"{finding.OnlyFirst:N0} can only be needless")
            + (finding.Truthful == finding.Verdict ? ""
                : $"; if what was predicted when KVM injected comes true: {finding.Truthful.Words()}");
}
