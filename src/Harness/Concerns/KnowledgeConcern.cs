using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Concerns;

/// <summary>A concern that is about what KVM can know when it injects, and how often it matters.</summary>
internal abstract class KnowledgeConcern : Concern
{
    public override string Source => "Re: [RFC PATCH 0/6] KVM: x86: async PF user, 2024-11 to 2025-02";

    public override string Method => "Pairs of runs that show KVM the same (docs/checking.md, \"what KVM can know\"), and a count on a workload. Broken: a pair exists. "
        + "Holds: none does, over every pair of runs of the instance, or KVM never injects.";

    protected abstract string Workload { get; }

    protected abstract string What { get; }

    protected abstract Func<RunResult, long> Count { get; }

    protected abstract string Broken { get; }

    protected abstract string Held { get; }

    public override ConcernCell Decide(ConcernBench bench)
    {
        var finding = ConcernWords.Finding(bench, Id);
        var verdict = finding.Verdict switch
        {
            KnowledgeVerdict.Broken => ConcernVerdict.Broken,
            KnowledgeVerdict.NotDecided => ConcernVerdict.NotDecided,
            _ => ConcernVerdict.Holds,
        };
        var rate = bench.PerFault(Workload, Count);
        var summary = finding.Verdict == KnowledgeVerdict.NothingToDecide ? "never injects" : verdict == ConcernVerdict.Broken ? Broken : Held;
        var allTheSame = verdict == ConcernVerdict.Holds && rate is { Mean: > 0 } ? " all the same" : "";
        return new(Id, bench.Name, verdict, rate is { } r ? $"{summary}; {ConcernWords.Number(r)} needless a fault{allTheSame}" : summary,
            [ConcernWords.Known(bench, finding), ConcernWords.Simulated(bench, Workload, rate, What)]);
    }
}
