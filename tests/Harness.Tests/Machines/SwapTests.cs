using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Harness.Tests.Machines.Broken;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>KVM's own APF over swap (rule K7): KVM tells what needs I/O from what is local.</summary>
public sealed class SwapTests
{
    private const string Swap = "kernel-apf:source=swap";

    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    [Fact]
    public void What_is_in_zswap_starts_no_apf_and_costs_less_than_an_exit()
    {
        var swap = Run(Swap, "all-sync");
        Assert.Equal(0, swap.NotPresentInjected);
        Assert.True(swap.ElapsedNs < Run("never-async", "all-sync").ElapsedNs);
    }

    /// <summary>Over userfaultfd every page that is not placed would sleep, however near its content is.</summary>
    [Fact]
    public void Over_userfaultfd_the_same_pages_start_one_each()
    {
        var apf = Run("kernel-apf", "all-sync");
        Assert.True(apf.NotPresentInjected > 0);
    }

    [Fact]
    public void What_needs_io_starts_one_over_either() => Assert.All(new[] { "kernel-apf", Swap },
        spec => Assert.True(Run(spec, "mixed:sync=0").NotPresentInjected > 0));

    [Fact]
    public void A_kernel_that_does_not_know_what_is_local_starts_apfs_for_nothing() =>
        Assert.True(Run(Swap, "all-sync", Rules.K7KnowsLocal).NotPresentInjected > 0);

    /// <summary>Two tasks, of which one may wait for I/O while the other has its page on the spot; and a page that goes
    /// again.</summary>
    [Theory]
    [InlineData("re-arm:vcpus=1")]
    [InlineData("tasks:vcpus=1")]
    [InlineData("frames:vcpus=1")]
    public void No_interleaving_breaks_anything(string instance)
    {
        var outcome = Checker.Run(s_registry.Resolve(Swap), CheckInstance.Resolve(instance),
            new SearchOptions { Threads = 2, MaxStates = 2_000_000, Liveness = true });
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        Assert.DoesNotContain(outcome.Result.Properties, p => p.Verdict == PropertyVerdict.Broken);
        Assert.Equal(PropertyVerdict.Seen,
            outcome.Result.Properties.Single(p => p.Property.Name == "apf-injected").Verdict);
    }

    private static RunResult Run(string spec, string workload, Rule? broken = null)
    {
        var resolved = WorkloadCatalog.BuiltIn.Resolve(workload);
        using var simulator = new Simulator(s_registry.Resolve(spec),
            broken is null ? resolved : new BrokenWorkload(resolved, broken), CostTable.Default, seed: 1);
        return simulator.Run();
    }
}
