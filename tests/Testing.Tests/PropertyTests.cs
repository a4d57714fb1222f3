using Example;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using UapiLab.Testing.Tests.Seeded;
using UapiLab.Tests;

namespace UapiLab.Testing.Tests;

/// <summary>Properties that no seeded defect is about, each on something that is wrong and on something that is
/// right.</summary>
public sealed class PropertyTests
{
    /// <summary>Controls that are right whatever userspace does; the trusting one is right as long as the VMM is. Each
    /// of them goes through the whole kit too (<see cref="TokenControlTests"/> and its siblings).</summary>
    public static TheoryData<string> Robust { get; } =
    [
        .. BrokenEncodings.Controls.Select(c => c.Id).Where(id => id != "token-trusting")
            .Take(Repeats.AreWanted ? int.MaxValue : 1),
    ];

    [Theory]
    [MemberData(nameof(Robust))]
    public void Hostile_userspace_breaks_no_robust_encoding(string id)
    {
        var encoding = BrokenEncodings.All.Single(f => f.Id == id).With();
        Assert.Null(ConformanceKit.Check(encoding, "survives-hostile-userspace"));
        Assert.Null(ConformanceKit.Check(encoding, "survives-hostile-threads"));
    }

    [Theory]
    [InlineData("survives-hostile-userspace")]
    [InlineData("survives-hostile-threads")]
    public void Hostile_userspace_repeats_a_ready_until_one_that_trusts_it_breaks(string property) =>
        Assert.Equal("unmatched-ready", ConformanceKit.Check(BrokenEncodings.TrustingControl.With(), property)?.Rule);

    [Fact]
    public void Real_threads_see_a_ready_that_is_never_sent_and_the_checker_agrees()
    {
        var failure = ConformanceKit.Check(BrokenEncodings.NeverReady.With(), "survives-real-threads");
        Assert.Equal("lost-wakeup", failure?.Rule);
        Assert.Contains("the checker finds it too", failure!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void State_that_is_not_in_a_region_is_not_restored()
    {
        var failure = ConformanceKit.Check(BrokenEncodings.Smuggler.With(("through", "field")), "saves-and-restores");
        Assert.Equal("not-repeatable", failure?.Rule);
    }

    [Fact]
    public void Two_readies_at_once_that_both_complete_are_found()
    {
        Assert.Null(ConformanceKit.Check(BrokenEncodings.Control.With(), "ioctls-are-atomic"));
        var failure = ConformanceKit.Check(BrokenEncodings.TwoHolds.With(), "ioctls-are-atomic");
        Assert.Equal("not-atomic", failure?.Rule);
        Assert.StartsWith("TEST_READY and TEST_READY at once return 0 and 0; one after the other they return 0 and ",
            failure!.What, StringComparison.Ordinal);
        Assert.Contains("  thread 2: unlock Apf of vCPU 0\n", failure.Case, StringComparison.Ordinal);
    }

    /// <summary>What cuts in runs to its end, and would spin for ever for the lock of what it cut into.</summary>
    [Fact]
    public void A_spin_lock_of_the_vmm_is_not_taken_for_a_loop_without_end() =>
        Assert.Null(ConformanceKit.Check(new SpinningBit(declaresEvent: true), "follows-the-contract"));

    [Fact]
    public void An_own_event_that_is_not_declared_is_found() => Assert.Equal("out-of-bounds",
        ConformanceKit.Check(new SpinningBit(declaresEvent: false), "follows-the-contract")?.Rule);

    [Fact]
    public void A_reserved_field_that_is_ignored_is_found()
    {
        static EncodingDescription WithReservedWord(EncodingDescription d) => d with
        {
            Structs = [new("test_apf",
                [new("gpa", "__u64", 0), new("op", "__u64", 8), new("reserved", "__u64", 16, MustBeZero: true)], 24)],
        };
        Assert.Null(ConformanceKit.Check(BrokenEncodings.AtFaultControl.With(), "reserved-is-refused"));
        Assert.Equal("reserved-accepted",
            ConformanceKit.Check(new Redescribed(BrokenEncodings.AtFaultControl.With(), WithReservedWord),
            "reserved-is-refused")?.Rule);
    }

    [Fact]
    public void An_apf_that_nobody_enabled_is_found()
    {
        static EncodingDescription WithCapability(EncodingDescription d) =>
            d with { Capabilities = [new("TEST_CAP", 1, "vcpu", "APFs of this vCPU.")] };
        Assert.Null(ConformanceKit.Check(BrokenEncodings.AtFaultControl.With(), "zero-is-plain-kvm"));
        Assert.Equal("old-behaviour",
            ConformanceKit.Check(new Redescribed(BrokenEncodings.AtFaultControl.With(), WithCapability),
            "zero-is-plain-kvm")?.Rule);
    }

    [Fact]
    public void A_description_that_contradicts_itself_is_found()
    {
        static EncodingDescription WithOverlap(EncodingDescription d) => d with
        {
            Structs = [new("test_apf", [new("gpa", "__u64", 0), new("op", "__u32", 4)], 16)],
        };
        var failure = ConformanceKit.Check(new Redescribed(BrokenEncodings.Control.With(), WithOverlap),
            "consistent-description");
        Assert.Contains("op is described at byte 4, and C puts it at 8", failure?.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_whose_bit_is_cleared_elsewhere_is_found_by_arithmetic() =>
        Assert.Equal("old-behaviour",
            ConformanceKit.Check(BrokenEncodings.NeverClears.With(), "armed-frames-fault")?.Rule);

    [Fact]
    public void Every_property_is_a_test_of_the_base_class() =>
        Assert.Equal(
            ConformanceKit.Properties.Select(p => p.Key).Order(StringComparer.Ordinal),
            KitTests.All().Select(t => t.Property).Order(StringComparer.Ordinal));

    [Fact]
    public void Names_are_distinct() =>
        Assert.Distinct(ConformanceKit.All.Concat(ConformanceKit.OnRequest).Select(p => p.Name));

    [Fact]
    public void An_unknown_property_is_refused_by_name()
    {
        var refused =
            Assert.Throws<InputException>(() => ConformanceKit.Check(BrokenEncodings.Control.With(), "is-fast"));
        Assert.Contains("expected one of stateless-halves", refused.Message, StringComparison.Ordinal);
    }

    private sealed class SpinningBit(bool declaresEvent) : Encoding
    {
        private static Region Bitmap => new(0);

        private static Region Lock => new(1);

        public override EncodingDescription Description => new()
        {
            Id = "spinning-bit",
            FullName = "spinning-bit",
            Summary = "A marked frame exits; who publishes holds a lock of the VMM's own.",
            Origin = "A test.",
            BitsPerGfn = 1,
            States = ["present", "fault"],
        };

        public override IReadOnlyList<RegionSpec> Regions =>
        [
            new("bitmap", RegionOwner.Shared, RegionScope.PerGfn, 64, 1, "1 = a fault exits.")
                { Holds = WordKind.Number },
            new("lock", RegionOwner.VmmPrivate, RegionScope.PerVm, 32, 1, "1 = held.") { Holds = WordKind.Number },
        ];

        public override IReadOnlyList<OwnEventSpec> OwnEvents =>
            declaresEvent ? [new("published", "Frames made present.")] : [];

        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new OneBitKvmHalf<TKvm>();

        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new SpinningVmmHalf<TVmm>();

        private sealed class SpinningVmmHalf<TVmm> : IVmmHalf<TVmm>
            where TVmm : struct, IVmm
        {
            public void OnArm(TVmm vmm, ArmRequest request) => new OneBitVmmHalf<TVmm>().OnArm(vmm, request);

            public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;

            public void OnContentArrived(TVmm vmm, Gfn gfn)
            {
                do
                {
                    vmm.Checkpoint(0);
                }
                while (vmm.CompareExchange(Lock, 0, 0, 1) != 0);
                vmm.Count(0);

                vmm.FetchAnd(Bitmap, gfn.Value / 64, ~(1UL << (int)(gfn.Value % 64)), MemoryOrder.Release);
                vmm.Store(Lock, 0, 0, MemoryOrder.Release);
            }
        }
    }
}
