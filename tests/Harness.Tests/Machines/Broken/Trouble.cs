using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Machines.Broken;

/// <summary>Workloads with every kind of trouble, small, and what is seen when an encoding meets them.</summary>
internal static class Trouble
{
    /// <summary>Pages are armed again often, and touched by many.</summary>
    public const string OftenRearmed = "re-arm:vcpus=4,pages=30,shared=on,rearm=100us";

    /// <summary>Pages are armed again through a memslot update, with the vCPUs parked.</summary>
    public const string ByMemslot = "re-arm:vcpus=2,pages=30,rearm-by=memslot";

    public static readonly string[] Workloads =
    [
        "mixed-threads:pages=10",
        "post-copy:vcpus=4,pages=20",
        "post-copy:vcpus=2,pages=30,cpl0=0.3",
        "prefetch-race:pages=20",
        "intercept:pages=20,predict=0.5,cli=0.2,cpl0=0.2",
        "mixed:pages=20,predict=0.5,limit=2",
        "snapshot-resume:vcpus=4,pages=20,shared=on",
        "snapshot-resume:vcpus=4,pages=30,passes=2,fetch=1ms,policy=reenter,guest=recorded",
        "re-arm:pages=30",
        "re-arm:vcpus=4,pages=30,shared=on,policy=wait(100us)",
        "re-arm:vcpus=2,pages=30,policy=resolve",
        "re-arm:vcpus=4,pages=30,shared=on,policy=reenter",
        "re-arm:vcpus=2,pages=30,passes=1,shared=on,rearm=0ns,fetch=5ms,cli=0.2",
        OftenRearmed,
        ByMemslot,
        "re-arm:vcpus=4,pages=8,passes=5,shared=on,fetch=uniform(100ns,10us),rearm=1us,rearm-pages=8,policy=resolve,"
            + "io=4,cpl0=0.5",
    ];

    /// <summary>Violations by kind over some seeds of some workloads.</summary>
    public static long[] Seen(Encoding encoding, RuleSet broken, int seeds, params IEnumerable<string> workloads)
    {
        var runs = from text in workloads
                   from seed in Enumerable.Range(1,
            seeds)
                   select (Workload: new BrokenWorkload(WorkloadCatalog.BuiltIn.Resolve(text), broken), seed);
        var seen = new long[Enum.GetValues<ViolationKind>().Length];
        foreach (var violations in runs.AsParallel().Select(run => Violations(encoding, run.Workload, (ulong)run.seed)))
        {
            for (var kind = 0; kind < seen.Length; kind++)
            {
                seen[kind] += violations[kind];
            }
        }

        return seen;
    }

    private static IReadOnlyList<long> Violations(Encoding encoding, Workload workload, ulong seed)
    {
        using var simulator = new Simulator(encoding, workload, CostTable.Default, seed) { PatienceSteps = 100_000 };
        return simulator.Run().Violations;
    }
}
