using System.Globalization;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Concerns;

/// <summary>C6.</summary>
internal sealed class C6CostOfRechecking : Concern
{
    private static readonly string[] s_shares = ["0", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"];

    public override string Id => "C6";
    public override string Title => "it is a matter of cost";
    public override string Question => "From which share of faults resolved at once on does an APF cost more than it gains?";
    public override string Source => "Re: [RFC PATCH 0/6] KVM: x86: async PF user, 2024-11 to 2025-02: CPUs that re-walk on every fault, and CPUs that take a spurious one";
    public override string Method => "Speed against exit and block on `mixed` with a VMM that resolves at once what it has, as the share of local pages grows. Holds: never slower; "
        + "holds at a cost: slower from the printed share on.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        string? crossing = null;
        var points = new List<string>();
        foreach (var share in s_shares)
        {
            if (bench.Speedup(Workload(share)) is { } speedup)
            {
                points.Add(string.Create(CultureInfo.InvariantCulture, $"{share}: {speedup.Mean:0.###}"));
                crossing ??= speedup.High < 1 ? share : null;
            }
        }

        var accesses = bench.Measure("mixed", r => r.Faults == 0 ? 0 : (decimal)r.SharedAccesses / r.Faults);
        var verdict = points.Count < s_shares.Length ? ConcernVerdict.NotDecided : crossing is null ? ConcernVerdict.Holds : ConcernVerdict.HoldsAtACost;
        return new(Id, bench.Name, verdict, crossing is null ? "never slower" : $"slower from {crossing} local on",
        [
            new($"speed against exit and block by share of local pages: {string.Join(", ", points)}", $"compare {bench.Name} {bench.Baseline} --workload {Workload(crossing ?? "1")}"),
            ConcernWords.Simulated(bench, "mixed", accesses, "shared words touched per fault, re-checks included"),
        ]);
    }

    private static string Workload(string share) => $"mixed:sync={share}";
}
