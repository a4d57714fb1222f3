using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Lab.Concerns;

namespace UapiLab.Harness.Lab.Proposals;

/// <summary>Runs every claim of a proposal again.</summary>
public sealed class ProposalVerifier
{
    private readonly ComparisonPlan _plan;
    private readonly Encoding _baseline;
    private readonly Func<string?> _stop;
    private readonly LabCatalog _lab;
    private readonly CancellationToken _cancellation;

    /// <param name="plan">How metrics are measured: seeds, costs, baseline, oracle, encodings. Its workloads and
    /// proposals do not matter.</param>
    /// <param name="lab">Where the names of claims are looked up.</param>
    /// <param name="baseline">What concerns compare with.</param>
    /// <param name="stop">A reason to give up, or null.</param>
    /// <param name="cancellation">The same for a single run.</param>
    public ProposalVerifier(ComparisonPlan plan, LabCatalog lab, Encoding baseline, Func<string?> stop,
        CancellationToken cancellation)
    {
        this._cancellation = cancellation;
        this._plan = plan;
        this._lab = lab;
        this._baseline = baseline;
        this._stop = stop;
    }

    /// <summary>Runs the claims of one.</summary>
    public VerifiedProposal Verify(Proposal proposal)
    {
        var metrics = ClaimPhase.Run(new ComparisonRun(_plan, new RunPool(Threads, null, _cancellation)),
            "claims", [.. proposal.Claims.Select(c => (proposal.Folder, c))]);
        var bench = Of(proposal.Encoding.Encoding);
        return new(proposal,
        [
            .. metrics.Select(Metric),
            .. proposal.Concerns.Select(c => Concern(bench, c)),
            .. proposal.Properties.Select(p => Property(bench, p)),
        ]);
    }

    private int Threads => _plan.Threads > 0 ? _plan.Threads : Environment.ProcessorCount;

    private ConcernBench Of(Encoding encoding) =>
        new(encoding, _baseline, _plan.Seeds, () => Threads, _stop)
        {
            Workloads = _lab.Workloads,
            Cancellation = _cancellation,
        };

    private static ClaimOutcome Metric(ClaimResult result) => new(
        "metric", result.Claim.Id, result.Verdict, result.Claim.Text, ClaimText.Bound(result.Claim),
        result.Measured is { } measured ? $"{result.Claim.Metric} {ConcernWords.Number(measured)}" : result.Reason,
        $"compare {result.Claim.Encoding.Name}{(result.Claim.Versus is { } versus ? " " + versus.Name : "")} "
            + $"--workload {result.Claim.Workload.Name}")
    {
        Metric = result,
    };

    private ClaimOutcome Concern(ConcernBench own, ConcernClaim claim)
    {
        var bench = Bench(own, claim.Encoding);
        var cell = bench.Decide(_lab.Concerns.Single(c => c.Id == claim.Concern));
        var verdict = cell.Verdict == ConcernVerdict.NotDecided ? Verdict.NotDecided : cell.Verdict == claim.Verdict
            ? Verdict.Holds : Verdict.DoesNotHold;
        var name = bench == own ? claim.Concern : $"{claim.Concern} of {bench.Name}";
        return new("concern", name, verdict, claim.Text, ConcernVerdicts.Word(claim.Verdict),
            $"{ConcernVerdicts.Word(cell.Verdict)}: {cell.Summary}", $"concerns {bench.Name} {claim.Concern} --explain",
            string.Join("\n", cell.Evidence.Select(e => e.Details).Where(d => d.Length > 0)));
    }

    private ConcernBench Bench(ConcernBench own, PlannedEncoding encoding) =>
        encoding.Name == own.Name ? own : Of(encoding.Encoding);

    private ClaimOutcome Property(ConcernBench own, PropertyClaim claim)
    {
        var bench = Bench(own, claim.Encoding);
        var outcome = bench.Check(claim.Instance, [claim.Property]);
        var found = outcome.Result.Properties.Single(p => p.Property.Name == claim.Property).Verdict;
        var verdict = found == PropertyVerdict.NotDecided ? Verdict.NotDecided
            : (found is PropertyVerdict.Broken or PropertyVerdict.Seen) == claim.IsBroken ? Verdict.Holds
                : Verdict.DoesNotHold;
        var evidence = ConcernWords.Checked(outcome);
        var isSometimes = found is PropertyVerdict.Seen or PropertyVerdict.NeverSeen;
        return new("property", $"{claim.Property} on {claim.Instance.Name}", verdict, claim.Text,
            (isSometimes, claim.IsBroken) switch
            {
                (true, true) => "seen",
                (true, false) => "never seen",
                (false, true) => "broken",
                _ => "holds",
            },
            $"{found}; {evidence.Text}", evidence.Command,
            string.Concat(outcome.Histories.Where(h => h.Property == claim.Property).Select(HistoryMail.Write)));
    }
}
