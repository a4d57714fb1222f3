using UapiLab.Abstractions;
using UapiLab.Harness.Native;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>Words of every width on real memory: each operation changes its word and no neighbour, and none goes past
/// the end.</summary>
public sealed class NativeRegionsTests : IDisposable
{
    private const ulong Words = 5;
    private const ulong Neighbour = 0x5a;
    private const ulong Old = 0xc3;

    private readonly NativeRegions _regions = new(new ThreeWidths(), vcpus: 1, gfns: 64);
    private readonly NativeWorld _kvm;

    public NativeRegionsTests() => _kvm = new NativeWorld(_regions, new NativeHost(1));

    public static TheoryData<int> Widths => new([8, 32, 64]);

    public void Dispose() => _regions.Dispose();

    [Theory]
    [MemberData(nameof(Widths))]
    public void Each_operation_changes_its_word_alone(int bits)
    {
        Region region = ThreeWidths.Of(bits);
        ulong all = ulong.MaxValue >> (64 - bits);
        (string Name, Func<ulong> Do, ulong Answer, ulong New)[] operations =
        [
            ("load", () => _kvm.Load(region, 2, MemoryOrder.Acquire), Old, Old),
            ("store", () => { _kvm.Store(region, 2, all, MemoryOrder.SequentiallyConsistent); return 0; }, 0, all),
            ("exchange", () => _kvm.Exchange(region, 2, all, MemoryOrder.Relaxed), Old, all),
            ("compare-exchange", () => _kvm.CompareExchange(region, 2, Old, all, MemoryOrder.Relaxed), Old, all),
            ("compare-exchange in vain", () => _kvm.CompareExchange(region, 2, 1, all, MemoryOrder.Relaxed), Old, Old),
            ("and", () => _kvm.FetchAnd(region, 2, all ^ 1, MemoryOrder.Relaxed), Old, Old ^ 1),
            ("or", () => _kvm.FetchOr(region, 2, all ^ Old, MemoryOrder.Relaxed), Old, all),
            ("add", () => _kvm.FetchAdd(region, 2, all, MemoryOrder.Relaxed), Old, Old - 1),
            ("fill", () => { _kvm.Fill(region, 2, 1, 0); return 0; }, 0, 0),
            ("fill with what is no byte repeated", () => { _kvm.Fill(region, 2, 1, all ^ 0x10); return 0; }, 0,
                all ^ 0x10),
        ];
        foreach (var (name, operation, answer, value) in operations)
        {
            _kvm.Fill(region, 0, Words, Neighbour);
            _kvm.Store(region, 2, Old, MemoryOrder.Relaxed);

            Assert.Equal((name, answer), (name, operation()));

            Assert.Equal((name, value), (name, _kvm.Load(region, 2, MemoryOrder.Relaxed)));
            Assert.All([0UL, 1UL, 3UL, 4UL],
                i => Assert.Equal((name, Neighbour), (name, _kvm.Load(region, i, MemoryOrder.Relaxed))));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void No_operation_goes_past_the_end(int bits)
    {
        Region region = ThreeWidths.Of(bits);
        Action<ulong>[] operations =
        [
            i => _kvm.Load(region, i, MemoryOrder.Acquire),
            i => _kvm.TryLoad(region, i, out _, MemoryOrder.Acquire),
            i => _kvm.Store(region, i, 0, MemoryOrder.Relaxed),
            i => _kvm.Exchange(region, i, 0, MemoryOrder.Relaxed),
            i => _kvm.CompareExchange(region, i, 0, 0, MemoryOrder.Relaxed),
            i => _kvm.FetchAnd(region, i, 0, MemoryOrder.Relaxed),
            i => _kvm.FetchOr(region, i, 0, MemoryOrder.Relaxed),
            i => _kvm.FetchAdd(region, i, 0, MemoryOrder.Relaxed),
            i => _kvm.Fill(region, i, 1, 0),
            i => _kvm.Fill(region, 1, i, 0),
        ];

        foreach (var index in new[] { Words, Words + 1, ulong.MaxValue - 1 })
        {
            Assert.All(operations, operation =>
                Assert.Contains("expected less than 5",
                    Assert.Throws<ArgumentOutOfRangeException>(() => operation(index)).Message,
                    StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_fill_so_long_that_its_end_wraps_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _kvm.Fill(ThreeWidths.Of(64), 2, ulong.MaxValue, 0));

    private sealed class ThreeWidths : Encoding
    {
        private static readonly int[] s_widths = [8, 32, 64];

        public override EncodingDescription Description =>
            new() { Id = "three-widths", FullName = "three-widths", Summary = "", Origin = "", BitsPerGfn = 1 };

        public override IReadOnlyList<RegionSpec> Regions =>
            [.. s_widths.Select(bits => new RegionSpec($"words{bits}", RegionOwner.Shared, RegionScope.PerVm, bits,
                (int)Words, "For a test."))];

        public static Region Of(int bits) => new(Array.IndexOf(s_widths, bits));

        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => throw new NotSupportedException();

        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => throw new NotSupportedException();
    }
}
