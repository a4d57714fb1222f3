using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Concerns.Recordings;
using UapiLab.Harness.Lab.Concerns.Sweeps;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Traces;

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

    /// <summary>How often it happens in a recorded migration: beside the figure of a synthetic workload, and as
    /// evidence with what the recording itself says.</summary>
    public static (string Beside, IReadOnlyList<Evidence> Evidence) OnRecordedMigration(ConcernBench bench,
        Func<RunResult, long> count)
    {
        if (bench.OnRecordedMigration(r => r.Faults) is not { } faults
            || bench.OnRecordedMigration(r => count(r)) is not { } some
            || bench.OnRecordedMigration(r => r.BackToBackApf) is not { } backToBack)
        {
            return ("", [new("recorded post-copy migration: no run finished", Replay())]);
        }

        var arrivals = RecordedMigration.Trace.Vcpus.SelectMany(v => v.Accesses).OrderBy(a => a.ArrivalNs)
            .ToLookup(a => a.Flags == TraceAccessFlags.InFlight, a => a.ArrivalNs);
        long[] underWay = [.. arrivals[true]], others = [.. arrivals[false]];
        return (Invariant($", {some.Mean / faults.Mean:0.###} in a recorded migration"),
        [
            new($"recorded post-copy migration: not-presents for a page under way at {Number(some)} of "
                + $"{Number(faults)} faults; back to back at {Number(backToBack)}", Replay()),
            new("\"Is this practically likely?\" (Nikita Kalyazin, 21 Feb 2025, "
                + "f820b630-13c1-4164-baa8-f5e8231612d1@amazon.com): in this migration, throttled to 32 MB/s, the page "
                + Invariant($"was on its way already at {underWay.Length} of {underWay.Length + others.Length} ")
                + $"demand faults of a vCPU. Those came {Durations.Format(Median(underWay))} later at the median, none "
                + $"before {Durations.Format(underWay[0])}; the others {Durations.Format(Median(others))} later", ""),
        ]);

        static long Median(long[] sorted) => sorted[sorted.Length / 2];

        string Replay() => $"compare {bench.Name} {bench.Baseline} --trace {RecordedMigration.Log}";
    }

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
        finding.Verdict == KnowledgeVerdict.NothingToDecide ? finding.Doc
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
