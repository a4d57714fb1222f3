using FsCheck.Xunit;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Simulation.Workloads;

public sealed class WorkloadCatalogTests
{
    public static TheoryData<string> Ids => [.. WorkloadCatalog.BuiltIn.All.Select(f => f.Id)];

    [Fact]
    public void The_catalogue_holds_the_eight_workloads() =>
        Assert.Equal(
            ["mixed-threads", "snapshot-resume", "post-copy", "all-sync", "mixed", "prefetch-race", "intercept",
                "re-arm"],
            WorkloadCatalog.BuiltIn.All.Select(f => f.Id));

    [Theory]
    [MemberData(nameof(Ids))]
    public void An_id_alone_has_every_default(string id)
    {
        var family = WorkloadCatalog.BuiltIn.All.Single(f => f.Id == id);
        var spelledOut = $"{id}:{string.Join(',', family.Options.Select(o => $"{o.Name}={o.Default}"))}";

        Assert.Equal(id, WorkloadCatalog.BuiltIn.Resolve(id).Name);
        Assert.Equal(id, WorkloadCatalog.BuiltIn.Resolve(spelledOut).Name);
        Assert.Equal(Parameters(id), Parameters(spelledOut));
    }

    [Property(Arbitrary = [typeof(WorkloadTexts)])]
    public void A_name_resolves_to_the_same_parameters(WorkloadText text)
    {
        var workload = (SyntheticWorkload)WorkloadCatalog.BuiltIn.Resolve(text.Spec);

        Assert.Equal(workload.Parameters, Parameters(workload.Name));
        Assert.Equal(workload.Name, WorkloadCatalog.BuiltIn.Resolve(workload.Name).Name);
    }

    [Theory]
    [InlineData("mixed:fetch=exp(30us,cap=1ms),vcpus=2", "mixed:vcpus=2,fetch=exp(30us,cap=1ms)")]
    [InlineData("mixed:predict=1.000", "mixed")]
    [InlineData("mixed:fetch=const(1000ns),predict=0.50", "mixed:fetch=1us,predict=0.5")]
    [InlineData("mixed:policy=wait(0ns)", "mixed:policy=wait(0ns)")]
    [InlineData("mixed:policy=wait(10000ns)", "mixed")]
    public void Names_hold_what_differs_in_one_spelling(string spec, string name) =>
        Assert.Equal(name, WorkloadCatalog.BuiltIn.Resolve(spec).Name);

    [Theory]
    [InlineData("post-cpoy",
        "post-cpoy: unknown workload 'post-cpoy', did you mean 'post-copy'? expected one of mixed-threads, "
        + "snapshot-resume, post-copy, all-sync, mixed, prefetch-race, intercept, re-arm")]
    [InlineData("mixed:vcpus=0", "mixed:vcpus=0: vcpus=0: expected a whole number from 1 to 4095")]
    [InlineData("mixed:vcpus=-1", "mixed:vcpus=-1: vcpus=-1: expected a whole number from 1 to 4095")]
    [InlineData("mixed:sync=1.5",
        "mixed:sync=1.5: sync=1.5: expected a number from 0 to 1 with at most three decimals")]
    [InlineData("mixed:sync=0.0001",
        "mixed:sync=0.0001: sync=0.0001: expected a number from 0 to 1 with at most three decimals")]
    [InlineData("mixed:service=5",
        "mixed:service=5: service=5: expected a duration such as 0ns, 10us or 1.5ms, at most 1000000s")]
    [InlineData("mixed:backing=annon",
        "mixed:backing=annon: unknown value of backing 'annon', did you mean 'anon'? expected one of anon, uffd, "
        + "shmem, gmem, gmem-mmap")]
    [InlineData("mixed:policy=wait",
        "mixed:policy=wait: policy=wait: expected resolve, reenter or wait(d) with a duration d such as 10us")]
    [InlineData("mixed:sync=0.5,intercept=0.6",
        "mixed:sync=0.5,intercept=0.6: sync, in-flight and intercept are 1.1 together, expected at most 1")]
    [InlineData("mixed:gfns=5", "mixed:gfns=5: gfns=5: expected 0 or at least the 2400 frames touched")]
    [InlineData("mixed:pages=268435456",
        "mixed:pages=268435456: the tasks touch 4294967296 frames in all, expected at most 268435456")]
    [InlineData("mixed-threads:cpu=1s",
        "mixed-threads:cpu=1s: cpu and mix both say how much the computing tasks do, expected one of them to be 0")]
    public void Bad_input_is_named_with_what_was_expected(string spec, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => WorkloadCatalog.BuiltIn.Resolve(spec)).Message);

    [Fact]
    public void An_unknown_option_lists_those_there_are()
    {
        var error = Assert.Throws<InputException>(() => WorkloadCatalog.BuiltIn.Resolve("mixed:predct=1"));

        Assert.StartsWith(
            "mixed:predct=1: unknown option of mixed 'predct', did you mean 'predict'? expected one of vcpus, ",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_malformed_distribution_says_which_form_was_meant()
    {
        var error =
            Assert.Throws<InputException>(() => WorkloadCatalog.BuiltIn.Resolve("mixed:fetch=uniform(5us,1us)"));

        Assert.Contains("fetch=uniform(5us,1us): expected uniform(low,high)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Each_runs_to_its_end_at_a_size_that_suits_repetition(string id)
    {
        var registry = new EncodingRegistry(BuiltInEncodings.All);
        using var simulator = new Simulator(registry.Resolve("single-bit"), WorkloadCatalog.BuiltIn.Resolve(id),
            CostTable.Default, seed: 1);

        var result = simulator.Run();

        Assert.False(result.HasViolation);
        Assert.InRange(result.Faults, 200, 6_000);
        Assert.InRange(result.Steps, 1_000, 400_000);
    }

    [Fact]
    public void Another_policy_leaves_the_rest_alone()
    {
        var workload = WorkloadCatalog.BuiltIn.Resolve("mixed");
        var policy = new VmmPolicy(PolicyKind.ResolveThenReenter);

        Assert.Equal(policy, workload.WithPolicy(policy).Config.Policy);
        Assert.Equal(
            ((SyntheticWorkload)workload).Parameters with { Policy = policy },
            ((SyntheticWorkload)workload.WithPolicy(policy)).Parameters);
    }

    private static SyntheticParameters Parameters(string spec) =>
        ((SyntheticWorkload)WorkloadCatalog.BuiltIn.Resolve(spec)).Parameters;
}
