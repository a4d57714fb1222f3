using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Lab.Skew;
using UapiLab.Harness.Registry;
using UapiLab.TestKit.Broken;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Lab.Skew;

/// <summary>What becomes of two versions that meet, and that a bad second version is found where it is bad.</summary>
public sealed class VersionSkewTests
{
    private static readonly EncodingRegistry s_registry = new(
        [.. BuiltInEncodings.All, BrokenVersions.Control, BrokenVersions.ReadsGarbage, BrokenVersions.DoesNotNegotiate,
            BrokenVersions.IgnoresUnknown, BrokenVersions.NotesLate]);

    private static readonly Func<(string Spec, int Vcpus), IReadOnlyList<SkewPair>> s_decided = Once.For(
        ((string Spec, int Vcpus) asked) =>
            VersionSkew.Decide(s_registry.Resolve(asked.Spec), (pair, instance) => Checker.Run(
            pair, instance with { Vcpus = asked.Vcpus },
            new() { Threads = 2, MaxStates = 4_000_000, Liveness = true, StopAtFirst = false })));

    /// <summary>Two vCPUs on one encoding; the others repeat with two what they show with one.</summary>
    [Theory]
    [InlineData("single-bit")]
    [InlineData("multi-bit", 1)]
    [InlineData("multi-bit:bits=4", 1)]
    [InlineData("async-hint", 1)]
    [InlineData("async-hint:inject=at-fault", 1)]
    [RepeatData("multi-bit")]
    [RepeatData("multi-bit:bits=4")]
    [RepeatData("async-hint")]
    [RepeatData("async-hint:inject=at-fault")]
    [InlineData("exitless:ring=2", 1)]
    [InlineData("skew-control")]
    public void Every_pair_of_a_built_in_works_or_is_refused(string spec, int vcpus = 2)
    {
        var pairs = Decide(spec, vcpus).Take(4).ToArray();
        Assert.Equal(
            [SkewVerdict.WorksAsBefore, SkewVerdict.WorksAsBefore, SkewVerdict.RejectedCleanly,
                SkewVerdict.WorksAsBefore],
            pairs.Select(p => p.Verdict));
        Assert.Equal(["old VMM on old KVM", "old VMM on new KVM", "new VMM on old KVM", "new VMM on new KVM"],
            pairs.Select(p => p.Name));
        Assert.Contains("KVM_ENABLE_CAP at set-up: EINVAL", pairs[2].Why, StringComparison.Ordinal);
        Assert.Contains("writes are tracked", pairs[3].Why, StringComparison.Ordinal);
        Assert.DoesNotContain("writes are tracked", pairs[1].Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("skew-reads-garbage", 1, "livelock")]
    [InlineData("skew-not-negotiated", 2, "unseen-write")]
    [InlineData("skew-ignores-unknown", 2, "unseen-write")]
    [InlineData("skew-notes-late", 3, "unseen-write")]
    public void A_bad_second_version_misbehaves_in_one_pair_only(string spec, int pair, string property)
    {
        var pairs = Decide(spec);
        Assert.Equal(SkewVerdict.SilentlyMisbehaves, pairs[pair].Verdict);
        Assert.Contains(property, pairs[pair].Why, StringComparison.Ordinal);
        Assert.Contains(pairs[pair].Outcome.Histories, h => h.Property == property && h.Steps.Count > 0);
        Assert.DoesNotContain(pairs.Where((_, i) => i != pair), p => p.Verdict == SkewVerdict.SilentlyMisbehaves);
    }

    /// <summary>The RFC has no capability of its own: a VMM that knows KVM Userfault alone never says READY. The
    /// repaired one and the later series are off until asked for.</summary>
    [Theory]
    [InlineData("single-bit", SkewVerdict.WorksAsBefore, "", SkewVerdict.RejectedCleanly)]
    [InlineData("single-bit:variant=as-posted", SkewVerdict.SilentlyMisbehaves, "lost-wakeup",
        SkewVerdict.WorksAsBefore)]
    [InlineData("async-hint", SkewVerdict.WorksAsBefore, "", SkewVerdict.RejectedCleanly)]
    [InlineData("async-hint:inject=at-fault", SkewVerdict.WorksAsBefore, "", SkewVerdict.RejectedCleanly)]
    public void What_an_encoding_builds_on_goes_on_working_if_it_is_off_by_default(string spec, object oldVmm,
        string property, object oldKvm)
    {
        var pairs = Decide(spec, vcpus: 1).Skip(4).ToArray();
        Assert.Equal([oldVmm, oldKvm], pairs.Select(p => (object)p.Verdict));
        Assert.Equal(["never-async VMM on old KVM", "old VMM on never-async KVM"], pairs.Select(p => p.Name));
        Assert.Contains(property, pairs[0].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_second_version_breaks_C8_with_its_history_and_its_command()
    {
        var bench = new ConcernBench(s_registry.Resolve("skew-ignores-unknown"), s_registry.Resolve("never-async"),
            SeedList.Derive(1, 3), () => 2, () => null);
        var cell = bench.Decide(Concern.All.Single(c => c.Id == "C8"));
        Assert.Equal(ConcernVerdict.Broken, cell.Verdict);
        var evidence =
            Assert.Single(cell.Evidence,
                e => e.Text.StartsWith("new VMM on old KVM: silently misbehaves", StringComparison.Ordinal));
        Assert.Equal("check skew-ignores-unknown:vmm=v2 --instance skew", evidence.Command);
        Assert.Contains("WRITE UNSEEN", evidence.Details, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("single-bit:version=v1", "single-bit")]
    [InlineData("single-bit:kvm=v2,vmm=v2", "single-bit:version=v2")]
    [InlineData("single-bit:version=v2", "single-bit:version=v2")]
    [InlineData("single-bit:kvm=v2", "single-bit:kvm=v2")]
    [InlineData("single-bit:vmm=v2,kvm=v1,apf=off", "single-bit:apf=off,vmm=v2")]
    [InlineData("single-bit:vmm=v0", "single-bit:vmm=v0")]
    [InlineData("single-bit:version=v0", "never-async")]
    public void A_pair_is_named_as_typed(string spec, string name)
    {
        var encoding = s_registry.Resolve(spec);
        Assert.Equal(name, encoding.Description.FullName);
        Assert.Equal(name, s_registry.Resolve(name).Description.FullName);
    }

    [Theory]
    [InlineData("single-bit:kvm=v3", "single-bit: there is no v3, expected v0 to v2")]
    [InlineData("oracle:version=v2", "oracle: there is no v2, expected v1: the uAPI has one version")]
    [InlineData("single-bit:kvm=2", "single-bit:kvm=2: kvm=2: expected v1, v2, …")]
    [InlineData("single-bit:version=v2,kvm=v1",
        "single-bit:version=v2,kvm=v1: version says it for both halves, expected it alone, or kvm and vmm")]
    public void A_version_that_is_none_is_named(string spec, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => s_registry.Resolve(spec)).Message);

    [Fact]
    public void Only_what_an_old_VMM_does_not_know_starts_as_garbage()
    {
        foreach (var spec in new[] { "single-bit:kvm=v2", "async-hint:kvm=v2" })
        {
            Assert.Equal(["tracked_bitmap"], s_registry.Resolve(spec).Regions.Where(r => r.StartsAs != 0)
                .Select(r => r.Name));
        }

        foreach (var spec in new[] { "single-bit", "single-bit:vmm=v2", "single-bit:version=v2",
            "multi-bit:bits=4,kvm=v2", "async-hint:vmm=v2" })
        {
            Assert.All(s_registry.Resolve(spec).Regions, r => Assert.Equal(0UL, r.StartsAs));
        }
    }

    [Fact]
    public void A_version_may_not_move_a_region()
    {
        var moved = new MovedRegion(s_registry.Resolve("single-bit:apf=off"), s_registry.Resolve("multi-bit"));
        var message = Assert.Throws<InputException>(() => VersionPair.Of(moved, 1, 2)).Message;
        Assert.Contains("expected a version to append regions only", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_a_version_is_no_name_for_an_option()
    {
        var message = Assert.Throws<InputException>(() => new EncodingRegistry([new TakesTheName()])).Message;
        Assert.Equal("takes:kvm: the name is that of a version, expected another", message);
    }

    private static IReadOnlyList<SkewPair> Decide(string spec, int vcpus = 2) => s_decided((spec, vcpus));

    private sealed class MovedRegion(Encoding first, Encoding second) : Encoding
    {
        public override EncodingDescription Description => first.Description;

        public override IReadOnlyList<RegionSpec> Regions => first.Regions;

        public override IReadOnlyList<Encoding> Versions => [first, second];

        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => first.KvmHalf<TKvm>();

        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => first.VmmHalf<TVmm>();
    }

    private sealed class TakesTheName : IEncodingFamily
    {
        public string Id => "takes";

        public string Summary => "A family with an option that is not its to name.";

        public IReadOnlyList<OptionSpec> Options => [new("kvm", ["a"], "a", "A.")];

        public Encoding Create(OptionValues options) => BrokenVersions.Control.Create(options);
    }
}
