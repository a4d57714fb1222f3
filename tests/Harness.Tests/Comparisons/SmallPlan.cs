using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Comparisons;

/// <summary>A comparison that takes a fraction of a second and has everything in it.</summary>
internal static class SmallPlan
{
    public static EncodingRegistry Registry { get; } = new([.. BuiltInEncodings.All, new StuckFamily()]);

    public static ComparisonPlan Make(
        string[]? encodings = null, string[]? workloads = null, int seeds = 3, int threads = 0,
            bool side = false) => new()
            {
                Command = "test",
                Seed = 7,
                Seeds = SeedList.Derive(7, seeds),
                Encodings = [.. (encodings ?? ["never-async", "single-bit", "multi-bit", "oracle"])
            .Select(e => EncodingSpecs.Plan(Registry, e))],
                Baseline = "never-async",
                Oracle = "oracle",
                Workloads = [.. (workloads ?? ["mixed-threads:pages=30", "all-sync:pages=30"])
            .Select(w => WorkloadCatalog.BuiltIn.Plan(w))],
                Costs = CostTable.Default,
                Threads = threads,
                StabilitySeeds = side ? 2 : 0,
                BreakEven = side
            ? new("mixed-threads",
            ns => WorkloadCatalog.BuiltIn.Plan($"mixed-threads:pages=30,fetch={Durations.Format(ns)}"), 1_000,
            10_000_000, 1) : null,
                Sweep = side
            ? new("mixed-threads", "mix", "a doc",
                [new(0.26m, WorkloadCatalog.BuiltIn.Plan("mixed-threads:pages=30,mix=0.26")),
                new(1, WorkloadCatalog.BuiltIn.Plan("mixed-threads:pages=30"))])
            : null,
            };

    public static ComparisonReport Run(ComparisonPlan plan) => Harness.Comparisons.Comparison.Run(plan);

    public static Cell CellOf(ComparisonReport report, string encoding, string workload,
        PolicyRole role = PolicyRole.Common, decimal? predict = null) =>
        report.Cells.Single(c => c.Encoding == encoding && c.Workload == workload && c.Role == role
            && c.Predict == predict);

    public static Claim Claim(string encoding, string workload, string metric, Relation relation, decimal value) =>
        new()
        {
            Id = "a",
            Text = "a text",
            Encoding = EncodingSpecs.Plan(Registry, encoding),
            Workload = WorkloadCatalog.BuiltIn.Plan(workload),
            Metric = Metric.OfName(metric)!,
            Relation = relation,
            Value = value,
        };
}

/// <summary>An encoding that breaks the contract: it reads on and on without a checkpoint.</summary>
internal sealed class StuckFamily : IEncodingFamily
{
    public string Id => "stuck";

    public string Summary => "Never comes to an answer.";

    public IReadOnlyList<OptionSpec> Options => [];

    public Encoding Create(OptionValues options) => new Stuck();

    private sealed class Stuck : Encoding
    {
        public override EncodingDescription Description => new()
        {
            Id = "stuck",
            FullName = "stuck",
            Summary = "Never comes to an answer.",
            Origin = "A test.",
            BitsPerGfn = 1,
        };

        public override IReadOnlyList<RegionSpec> Regions =>
            [new("bits", RegionOwner.Shared, RegionScope.PerGfn, 64, 1, "Nobody writes them.")];

        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new StuckKvmHalf<TKvm>();

        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new StuckVmmHalf<TVmm>();
    }
}

internal sealed class StuckKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        for (int i = 0; i < 1_000_000; i++)
        {
            kvm.Load(new Region(0), 0);
        }

        return FaultAnswer.Map;
    }
}

internal sealed class StuckVmmHalf<TVmm> : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    public void OnArm(TVmm vmm, ArmRequest request)
    {
    }

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
    }
}
