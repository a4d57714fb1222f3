using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Concerns.Sweeps;

namespace UapiLab.Harness.Lab.Concerns;

/// <summary>Sentences that several concerns use.</summary>
internal static class ConcernWords
{
    public static string Number(Summary summary) => summary.HasInterval && summary.Low != summary.High
        ? Invariant($"{summary.Mean:0.###} [{summary.Low:0.###}, {summary.High:0.###}]")
        : Invariant($"{summary.Mean:0.###}");

    public static Evidence Simulated(ConcernBench bench, string workload, Summary? value, string what) => new(
        value is { } v ? $"{what} on {workload}: {Number(v)}" : $"{what} on {workload}: no run finished",
        $"compare {bench.Name} {bench.Baseline} --workload {workload}");

    /// <summary>What the thread does not call spurious, and the tool counts beside it.</summary>
    public static IReadOnlyList<Evidence> BesideBackToBack(ConcernBench bench, string workload) =>
    [
        Simulated(bench, workload, bench.PerFault(workload, r => r.UselessApf),
            "beside them: not-presents with nothing else runnable per fault"),
        Simulated(bench, workload, bench.PerFault(workload, r => r.LateApf),
            "beside them: not-presents with the content in place per fault"),
    ];

    /// <summary>A curve as evidence; what repeats it is the concern, as no other command bisects.</summary>
    public static Evidence Swept(ConcernBench bench, string concern, Curve curve) =>
        new(CurveText.Line(curve), Again(bench, concern), Curve: curve);

    /// <summary>Decides a cell anew.</summary>
    public static string Again(ConcernBench bench, string concern) =>
        $"concerns {bench.Name} {concern} --explain --fresh";

    /// <summary>A check as evidence, with the history of what it found.</summary>
    public static Evidence Checked(CheckOutcome outcome)
    {
        var broken = outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken)
            .Select(p => p.Property.Name).ToArray();
        return new(
            broken.Length > 0 ? $"{string.Join(", ", broken)} broken on {outcome.Instance.Name}"
                : outcome.Result.IsExhausted
                    ? $"nothing broken on {outcome.Instance.Name}, {Covered(outcome)}, exhausted"
                : $"nothing broken on {outcome.Instance.Name} so far, {Covered(outcome)}, ended by "
                    + $"{outcome.Result.Bound}",
            Command(outcome),
            string.Concat(outcome.Histories.Select(HistoryMail.Write)));
    }

    /// <summary>The same of a machine that may have had to be smaller than what was asked for.</summary>
    public static Evidence Checked(Explored explored) => Checked(explored.Outcome) is var evidence
        && explored.GivenUp is { } whole
        ? evidence with
        {
            Text = $"{evidence.Text}{(explored.Outcome.Encoding == whole.Encoding
            ? "" : " with " + explored.Outcome.Encoding)}; "
                + $"nor on {whole.Instance.Name}, given up after {Covered(whole)}"
        }
        : evidence;

    private static string Covered(CheckOutcome outcome) => Invariant($"{outcome.Result.States:N0} states");

    private static string Command(CheckOutcome outcome) =>
        $"check {outcome.Encoding} --instance {outcome.Instance.Name}"
        + (outcome.Instance.Order == Machines.Ordering.MemoryOrdering.Sc ? ""
            : $" --memory {outcome.Instance.Order.ToString().ToLowerInvariant()}")
        + (outcome.Result.IsExhausted || outcome.Result.Bound is not { } bound
            || !bound.StartsWith("states: ", StringComparison.Ordinal) ? ""
            : " --max-states " + bound["states: ".Length..]);

    public static KnowledgeFinding Finding(ConcernBench bench, string id) =>
        bench.Knowledge.Findings.Single(f => f.Id == id);

    public static Evidence Known(ConcernBench bench, KnowledgeFinding finding) => new(
        finding.Verdict == KnowledgeVerdict.NothingToDecide ? "KVM never injects on this machine"
            : finding.Doc + Invariant($" ({finding.Ambiguous} of {finding.Views} views after which KVM injects leave ")
                + "both kinds of run possible; if what was predicted when KVM injected comes true: "
                + $"{finding.Truthful.Words()})",
        $"check {bench.Name} --knowledge --require {finding.Id}",
        finding.Witness is { } witness ? WitnessText.Mail(witness) : "");

    /// <summary>Broken, undecided or neither, of checks that ask about the same.</summary>
    public static ConcernVerdict Of(params IReadOnlyList<Explored> outcomes) =>
        outcomes.Any(o => o.IsBroken) ? ConcernVerdict.Broken : outcomes.Any(o => o.IsUndecided)
            ? ConcernVerdict.NotDecided : ConcernVerdict.Holds;

    public static bool Saw(CheckOutcome outcome, string property) =>
        outcome.Result.Properties.Single(p => p.Property.Name == property).Verdict == PropertyVerdict.Seen;

    public static CheckInstance Instance(string name) => CheckInstance.Named.Single(i => i.Name == name);
}
