using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Simulation;

/// <summary>The simulator reports what is wrong, and only that.</summary>
public sealed class ViolationTests
{
    /// <summary>Small versions of the catalogue's kinds of trouble: races with a prefetcher, shared frames, intercepts,
    /// kernel mode and interrupts off, re-arming, wrong predictions.</summary>
    private static readonly string[] s_workloads =
    [
        "mixed-threads:pages=10",
        "post-copy:vcpus=4,pages=20",
        "prefetch-race:pages=20",
        "intercept:pages=20,predict=0.5,cli=0.2,cpl0=0.2",
        "re-arm:pages=30",
        "mixed:pages=20,predict=0.5,limit=2",
        "snapshot-resume:vcpus=4,pages=20,shared=on",
        "re-arm:vcpus=4,pages=30,shared=on,policy=wait(100us)",
        "re-arm:vcpus=2,pages=30,policy=resolve",
    ];

    public static TheoryData<string> SoundEncodings =>
    [
        "never-async", "oracle", "single-bit", "multi-bit", "async-hint",
        .. Repeats.AreWanted
            ? ["single-bit:apf=off", "multi-bit:bits=4", "multi-bit:bits=8", "multi-bit:layout=split"]
            : Array.Empty<string>(),
    ];

    [Theory]
    [MemberData(nameof(SoundEncodings))]
    public void No_violation_over_many_seeds(string spec)
    {
        var seeds = Repeats.AreWanted ? 1_000 : 50;
        var registry = new EncodingRegistry(BuiltInEncodings.All);
        var encoding = registry.Resolve(spec);
        var workloads = s_workloads.Select(WorkloadCatalog.BuiltIn.Resolve).ToArray();
        var broken = workloads.SelectMany(workload => Enumerable.Range(1, seeds).AsParallel().Select(seed =>
        {
            var result = Run(encoding, workload, (ulong)seed);
            return result.HasViolation || result.Faults == 0
                ? $"{workload.Name} seed {seed}: {string.Join(',', result.Violations)}" : null;
        }).Where(line => line is not null));
        Assert.Empty(broken);
    }

    [Theory]
    [InlineData("broken-never-ready", ViolationKind.LostWakeup)]
    [InlineData("broken-early-clear", ViolationKind.ReadUnpopulated)]
    [InlineData("broken-clear-at-fetch", ViolationKind.ReadUnpopulated)]
    [InlineData("broken-double-ready", ViolationKind.UnmatchedReady)]
    [InlineData("broken-if0", ViolationKind.IllegalInjection)]
    public void A_broken_encoding_is_caught_by_the_rule_meant_for_it(string id, object expected)
    {
        var encoding = BrokenEncodings.All.Single(f => f.Id == id).With();
        var seen = new long[Enum.GetValues<ViolationKind>().Length];
        foreach (var workload in s_workloads.Select(WorkloadCatalog.BuiltIn.Resolve))
        {
            for (ulong seed = 1; seed <= 5; seed++)
            {
                var result = Run(encoding, workload, seed);
                for (var kind = 0; kind < seen.Length; kind++)
                {
                    seen[kind] += result.Violations[kind];
                }
            }
        }

        Assert.True(seen[(int)(ViolationKind)expected] > 0, string.Join(',', seen));
    }

    [Fact]
    public void The_control_of_the_broken_ones_is_sound()
    {
        var encoding = BrokenEncodings.Control.With();
        Assert.All(s_workloads.Select(WorkloadCatalog.BuiltIn.Resolve),
            workload => Assert.False(Run(encoding, workload, 1).HasViolation, workload.Name));
    }

    [Fact]
    public void Plain_updates_of_a_shared_word_lose_pages()
    {
        // Our own variant, modelled as two ordinary C statements would do it: re-arming loses to a neighbour's clear.
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve("multi-bit:update=plain");
        var workload = WorkloadCatalog.BuiltIn.Resolve("re-arm:pages=200,passes=5");
        Assert.Contains(Enumerable.Range(1, 400), seed => Run(encoding, workload, (ulong)seed).HasViolation);
    }

    [Fact]
    public void A_guest_that_never_acknowledges_starves()
    {
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve("single-bit");
        var result = Run(encoding, WorkloadCatalog.BuiltIn.Resolve("post-copy:vcpus=4,pages=50,guest=no-ack"), 1);
        Assert.True(result.HasViolation); // the first of several that complete together is delivered, the others never
    }

    [Fact]
    public void Same_seed_same_counts_and_another_seed_others()
    {
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve("single-bit");
        var workload = WorkloadCatalog.BuiltIn.Resolve("post-copy:vcpus=4,pages=50");
        static string Text(RunResult r) => $"{r with { Violations = [] }} {string.Join(',', r.Violations)}";
        Assert.Equal(Text(Run(encoding, workload, 7)), Text(Run(encoding, workload, 7)));
        Assert.NotEqual(Text(Run(encoding, workload, 7)), Text(Run(encoding, workload, 8)));
    }

    private static RunResult Run(Encoding encoding, Workload workload, ulong seed)
    {
        using var simulator = new Simulator(encoding, workload, CostTable.Default, seed) { PatienceSteps = 300_000 };
        return simulator.Run();
    }
}
