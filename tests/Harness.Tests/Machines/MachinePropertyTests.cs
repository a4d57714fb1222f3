using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>What must hold of any run of a sound encoding on any small machine.</summary>
public sealed class MachinePropertyTests
{
    private static readonly string[] s_encodings =
        ["never-async", "oracle", "single-bit", "multi-bit", "multi-bit:bits=8", "multi-bit:layout=split",
            "async-hint"];

    private static readonly PolicyKind[] s_policies = Enum.GetValues<PolicyKind>();

    [Property(MaxTest = 300)]
    public Property Counts_of_a_sound_encoding_add_up() => Prop.ForAll(Machines(), x =>
    {
        var (spec, seed, p) = x;
        using var simulator = new Simulator(new EncodingRegistry(BuiltInEncodings.All)
            .Resolve(spec), new SyntheticWorkload("any", p), CostTable.Default, seed);
        var r = simulator.Run();
        var memoryAccesses = p.Pages * p.MemoryTasks * p.Vcpus * p.Passes;
        return (!r.HasViolation).Label($"violations {string.Join(',', r.Violations)}")
            .And((r.ReadyIrqs <= r.NotPresentInjected + p.Vcpus)
                .Label("a ready interrupt for each #PF, and one wake-all per vCPU, no more"))
            .And((r.NotPresentInjected <= r.PageFaultExits).Label("a #PF needs a fault"))
            .And((Math.Max(r.BackToBackApf, Math.Max(r.UselessApf, r.LateApf)) <= r.NotPresentInjected)
                .Label("back-to-back, useless and late ones are among the injected"))
            .And((r.Faults <= memoryAccesses).Label("each access faults at most once in a row"))
            .And((r.WastedContextSwitches <= r.GuestContextSwitches).Label("wasted switches are switches"))
            .And((p.GuestApf || r.NotPresentInjected == 0).Label("no #PF without PV APF"))
            .And((r.LatencyP50Ns <= r.LatencyP90Ns && r.LatencyP90Ns <= r.LatencyP99Ns
                    && r.LatencyP99Ns <= r.LatencyMaxNs * 65 / 64 + 1)
                .Label("percentiles are ordered"))
            .And((r.LatencyCounts.Sum() == r.Faults).Label("each fault has its latency in one bucket"));
    });

    private static Arbitrary<(string, ulong, SyntheticParameters)> Machines()
    {
        var gen =
            from spec in Gen.Elements(s_encodings)
            from seed in Gen.Choose(1, int.MaxValue)
            from vcpus in Gen.Choose(1, 3)
            from memory in Gen.Choose(1, 4)
            from cpu in Gen.Choose(0, 1)
            from pages in Gen.Choose(1, 25)
            from passes in Gen.Choose(1, 2)
            from shares in Gen.Choose(0, 250).Four()
            from shared in Gen.Elements(true, false)
            from apf in Gen.Frequency((4, Gen.Constant(true)), (1, Gen.Constant(false)))
            from limit in Gen.Elements(1, 2, 64)
            from predict in Gen.Elements(0u, 500u, 1_000u)
            from prefetch in Gen.Choose(0, 3)
            from rearm in Gen.Elements(0L, 150_000L, 1_000_000L)
            from fetch in Gen.Elements(500L, 10_000L, 80_000L)
            from policy in Gen.Elements(s_policies)
            from io in Gen.Choose(1, 2)
            select (spec, (ulong)seed, new SyntheticParameters
            {
                Vcpus = vcpus,
                MemoryTasks = memory,
                CpuTasks = cpu,
                CpuWorkNs = cpu * 500_000L,
                Pages = pages,
                Passes = passes,
                Shared = shared,
                SyncPermille = (uint)shares.Item1,
                InFlightPermille = (uint)shares.Item2,
                InterceptPermille = (uint)shares.Item3,
                Cpl0Permille = (uint)shares.Item4,
                CliPermille = (uint)shares.Item4,
                GuestApf = apf,
                ApfLimit = limit,
                PredictPermille = predict,
                PrefetchDepth = prefetch,
                RearmIntervalNs = rearm,
                RearmPages = 2,
                Fetch = Distribution.Exponential(fetch),
                Policy = new(policy, 5_000),
                IoThreads = io,
            });
        return gen.ToArbitrary();
    }
}
