using UapiLab.Abstractions;
using UapiLab.Harness.Lab.Scenarios;
using UapiLab.Harness.Tests.Uapi;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Patch;
using UapiLab.Harness.Uapi.Selftest;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Lab.Scenarios;

/// <summary>Histories as programs.</summary>
public sealed class ScenarioTests
{
    private const string Header = "include/uapi/linux/kvm.h";
    private const string Completed = "an APF is started, and completed";

    private static readonly Lazy<ScenarioSet> s_singleBit = new(() => ScenarioSearch.Of(Headers.Named("single-bit")));

    [Fact]
    public void They_are_the_witness_and_what_mistakes_lead_to()
    {
        var titles = s_singleBit.Value.Scenarios.Select(s => s.Title).ToArray();
        Assert.Equal(6, titles.Length);
        Assert.Equal(Completed, titles[0]);
        Assert.StartsWith("one of two runs", titles[1], StringComparison.Ordinal);
        Assert.StartsWith("the other of the two runs", titles[2], StringComparison.Ordinal);
        Assert.Contains("when marking pages, the update of userfault_bitmap is left out", titles);
        Assert.Contains(s_singleBit.Value.LeftOut,
            left => left.Why.Contains("one instruction", StringComparison.Ordinal));
    }

    /// <summary>The run that is handed off: the guest sleeps through all that the VMM does before READY.</summary>
    [Fact]
    public void A_guest_sleeps_until_READY()
    {
        Assert.Collection(s_singleBit.Value.Scenarios[2].Steps,
            s => Assert.IsType<ScenarioStep.Run>(s),
            s => Assert.Equal((RestPlace.Exit, 0, 0), Rest(s)),
            s => Assert.IsType<ScenarioStep.Run>(s),
            s => Assert.Equal((RestPlace.Halt, 1, 0), Rest(s)),
            s => Assert.IsType<ScenarioStep.Place>(s),
            s => Assert.Equal(WordChange.And, Assert.IsType<ScenarioStep.Change>(s).How),
            s => Assert.Equal(0, Assert.IsType<ScenarioStep.Call>(s).Answer),
            s => Assert.Equal((RestPlace.End, 1, 1), Rest(s)));
    }

    /// <summary>They follow from what the halves do: where READY completes nothing, the guest sleeps on, and nothing
    /// completes an APF.</summary>
    [Fact]
    public void Another_half_has_other_scenarios()
    {
        var deaf = ScenarioSearch.Of(new DeafEncoding(Headers.Named("single-bit")));
        Assert.DoesNotContain(deaf.Scenarios, s => s.Title == Completed);
        Assert.Contains(deaf.LeftOut, left => left.What.Contains(Completed));
        Assert.Contains(deaf.Scenarios, s => s.Title == "lost-wakeup, although the VMM makes no mistake");
        var other = deaf.Scenarios.Single(s => s.Title.StartsWith("the other", StringComparison.Ordinal));
        Assert.Equal((RestPlace.Halt, 1, 0), Rest(other.Steps[^1]));
        Assert.Equal(0, Assert.IsType<ScenarioStep.Call>(other.Steps[^2]).Answer);
    }

    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint")]
    [InlineData("exitless")]
    public void A_program_of_them_compiles(string name)
    {
        var encoding = Headers.Named(name);
        using var tool = new Toolchain();
        Assert.Null(tool.Apply(new Dictionary<string, string> { [Header] = Read(Header) },
            new KernelPatch(UapiModel.Of(encoding), Read).Header));
        var program = KernelSelftest.Write(encoding, name == "single-bit" ? s_singleBit.Value
            : ScenarioSearch.Of(encoding));
        Assert.Equal(name != "exitless", program.Contains("\tscenario_1(kvm);\n", StringComparison.Ordinal));
        Assert.Contains("Left out, since", program, StringComparison.Ordinal);
        foreach (var abi in Toolchain.Abis)
        {
            Assert.Null(tool.Check(program, abi, "-Iinclude/uapi"));
        }
    }

    private static (RestPlace At, int NotPresents, int Readies) Rest(ScenarioStep step) =>
        Assert.IsType<ScenarioStep.Rest>(step) is var rest ? (rest.At, rest.NotPresents, rest.Readies) : default;

    private static string Read(string path) =>
        File.ReadAllText(Path.Combine(GeneratedDoc.Root(), "tests/data/kernel-tree", path));

    /// <summary>Another encoding whose ioctls all succeed, and do nothing but what enables it.</summary>
    private sealed class DeafEncoding(Encoding original) : Encoding
    {
        public override EncodingDescription Description => original.Description;

        public override IReadOnlyList<RegionSpec> Regions => original.Regions;

        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new DeafHalf<TKvm>(original.KvmHalf<TKvm>());

        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => original.VmmHalf<TVmm>();
    }

    private sealed class DeafHalf<TKvm>(IKvmHalf<TKvm> original) : IKvmHalf<TKvm>
        where TKvm : struct, IKvm
    {
        private const uint EnableCap = 0xa3;

        public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => original.OnGuestFault(kvm, fault);

        public long OnIoctl(TKvm kvm, IoctlCall call) => call.Number == EnableCap ? original.OnIoctl(kvm, call) : 0;

        public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => original.OnApfDelivered(kvm, vcpu, apf);
    }
}
