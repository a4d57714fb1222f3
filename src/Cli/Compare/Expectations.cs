using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Cli.Compare;

/// <summary>What this project expects from what was said on the list (C1 to C5 of docs/concerns.md), as claims: one
/// that does not hold is a finding with its reason, not an error.</summary>
internal static class Expectations
{
    private const string PerFault = "faults";

    public static IReadOnlyList<Claim> All(EncodingRegistry registry) =>
    [
        .. AllSync(new(registry)),
        .. MixedThreads(new(registry)),
        .. Intercept(new(registry)),
        .. PrefetchRace(new(registry)),
    ];

    /// <summary>C1, C2: KVM cannot tell a fault that is resolved at once from one that is handed off.</summary>
    private static IEnumerable<Claim> AllSync(Builder on)
    {
        foreach (var encoding in new[] { "single-bit", "async-hint:inject=at-fault" })
        {
            yield return on.Claim("C1",
                $"{encoding} injects a not-present for every fault in user mode although all are resolved at once",
                encoding, "all-sync", "notPresentInjected", PerFault, Relation.AtLeast, 0.9m);
            yield return on.Claim("C2", "and the guest takes each back to back with its ready",
                encoding, "all-sync", "backToBackApf", "notPresentInjected", Relation.Equal, 1);
        }

        yield return on.Claim("C1", "async-hint at re-entry knows better and injects none", "async-hint", "all-sync",
            "notPresentInjected", null, Relation.Equal, 0);
        yield return on.Claim("C1", "multi-bit injects none if every prediction is right", "multi-bit",
            "all-sync:predict=1", "notPresentInjected", null, Relation.Equal, 0);
        yield return on.Claim("C1", "and as many as single-bit if every one is wrong", "multi-bit",
            "all-sync:predict=0", "notPresentInjected", null, Relation.Equal, 1) with
        {
            Versus = on.Encoding("single-bit"),
            Tolerance = 0.02m,
        };
    }

    /// <summary>What APFs are for. That the gain is 26 % at mix=0.26 would be no expectation: it is the bound there,
    /// (1 + m) / max(1, m), whatever the encoding does.</summary>
    private static IEnumerable<Claim> MixedThreads(Builder on)
    {
        yield return on.Claim("RFC", "APFs beat exits clearly at 10 ms per fault and mix=1", DefaultMatrix.Rfc,
            "mixed-threads", Metric.Speedup.Name, null, Relation.Greater, 1.2m);
    }

    /// <summary>C3: exits for an entirely different purpose. Three faults in ten are such here.</summary>
    private static IEnumerable<Claim> Intercept(Builder on)
    {
        yield return on.Claim("C3",
            "single-bit takes intercepts for paging: most are back-to-back APFs, which async-hint does not make",
            "single-bit", "intercept", "backToBackApf", PerFault, Relation.AtLeast, 0.2m) with
        {
            Versus = on.Encoding("async-hint"),
            By = VersusMode.Difference,
            Otherwise = "The intercepts were not taken for paging more often than the VMM's answer allows.",
        };
        yield return on.Claim("C3", "multi-bit keeps them apart if the VMM marks them when it arms", "multi-bit",
            "intercept:predict=1", "lateApf", PerFault, Relation.AtMost, 0.01m) with
        {
            Otherwise = "Marks made when arming were overtaken by what happened to the frame since.",
        };
        yield return on.Claim("C3", "and does not if it marks the wrong ones", "multi-bit", "intercept:predict=0",
            "lateApf", PerFault, Relation.AtLeast, 0.2m) with
        {
            Otherwise = "Frames marked wrongly were not touched while their content was there.",
        };
    }

    /// <summary>C4: the page is on its way already. C5: marking it present races with KVM's look at the mark.</summary>
    private static IEnumerable<Claim> PrefetchRace(Builder on)
    {
        yield return on.Claim("C4", "single-bit starts APFs for pages that are on their way", "single-bit",
            "prefetch-race", "inFlightApf", PerFault, Relation.AtLeast, 0.05m) with
        {
            Otherwise = "The prefetcher is so far ahead, or so far behind, that faults seldom meet its fetches.",
        };
        yield return on.Claim("C4", "async-hint starts fewer, since the VMM looks before it answers", "async-hint",
            "prefetch-race", "inFlightApf", null, Relation.AtMost, 0.6m) with
        {
            Versus = on.Encoding("single-bit"),
            Otherwise = "Most pages in flight are so far from arriving that the VMM, too, hands them off.",
        };
        yield return on.Claim("C4", "multi-bit starts fewer, since it has a state for pages in flight", "multi-bit",
            "prefetch-race:predict=1", "inFlightApf", null, Relation.AtMost, 0.6m) with
        {
            Versus = on.Encoding("single-bit"),
            Otherwise =
                "The state says that a page is on its way, not when it comes: it is written when the fetch starts and "
                    + "not again while "
                + "time passes. A fetch of 60 us is worth an APF when it starts and no longer when most of it is "
                    + "over; only an encoding "
                + "that asks at the fault can tell the two apart.",
        };
        yield return on.Claim("C5", "single-bit injects for pages that are there by then", "single-bit",
            "prefetch-race", "lateApf", PerFault, Relation.AtLeast, 0.005m) with
        {
            Otherwise = "Content seldom arrives between KVM's look at the mark and the injection.",
        };
        yield return on.Claim("C5", "async-hint does so less, since it looks again before it injects", "async-hint",
            "prefetch-race", "lateApf", null, Relation.AtMost, 0.6m) with
        {
            Versus = on.Encoding("single-bit"),
            Otherwise = "The way from the answer to the injection is as long as that from the look to the injection.",
        };
        yield return on.Claim("C5", "plain stores lose marks of other frames in the word, which fault once more",
            "multi-bit:update=plain", "prefetch-race:predict=1", "exits", PerFault, Relation.AtLeast, 0.02m) with
        {
            Versus = on.Encoding("multi-bit"),
            By = VersusMode.Difference,
            Otherwise =
                "It takes two threads that change one word within the few nanoseconds between a load and a store; "
                    + "here arrivals are "
                + "too far apart for that to show. A rare loss is a loss: that it can happen is for an exhaustive "
                    + "check to say.",
        };
    }

    /// <summary>Numbers the claims and resolves what they name.</summary>
    private sealed class Builder(EncodingRegistry registry)
    {
        private readonly Dictionary<string, int> _count = [];

        public PlannedEncoding Encoding(string spec) => EncodingSpecs.Plan(registry, spec);

        public Claim Claim(string concern, string text, string encoding, string workload, string metric, string? per,
            Relation relation, decimal value)
        {
            _count[concern] = _count.GetValueOrDefault(concern) + 1;
            return new()
            {
                Id = Invariant($"{concern}.{_count[concern]}"),
                Text = text,
                Encoding = Encoding(encoding),
                Workload = WorkloadCatalog.BuiltIn.Plan(workload),
                Metric = Metric.OfName(metric)!,
                Per = per is null ? null : Metric.OfName(per),
                Relation = relation,
                Value = value,
            };
        }
    }
}
