using UapiLab.Abstractions;
using UapiLab.Encodings.Tests.Descriptions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Halves;

/// <summary>The one pairing that every encoding stands on: publish with release, and check so that the mapping comes
/// after: a branch on a single word does that, more than one is read with acquire.</summary>
public sealed class MemoryOrderTests
{
    public static IEnumerable<TheoryDataRow<string>> All =>
        BuiltIns.WithFrameStates.Select(encoding => new TheoryDataRow<string>(encoding.Description.FullName));

    [Theory]
    [MemberData(nameof(All))]
    public void Kvm_reads_a_bitmap_plainly_and_frame_states_with_acquire(string name)
    {
        FakeWorld world = Armed(name);
        world.Fault(0, 5);
        Assert.NotEmpty(world.Accesses);
        Assert.All(
            world.Accesses.Where(access => FrameRegions(world).Contains(access.Region)),
            access => Assert.Equal(
                ("TryLoad", access.Region == "userfault_bitmap" ? MemoryOrder.Relaxed : MemoryOrder.Acquire),
                (access.Call, access.Order)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Vmm_publishes_with_release(string name)
    {
        FakeWorld world = Armed(name);
        world.Arrive(5);
        (string Call, string Region, MemoryOrder Order)[] writes =
            [.. world.Accesses.Where(access => FrameRegions(world).Contains(access.Region) && access.Call != "Load")];
        Assert.Equal(FrameRegions(world), writes.Select(write => write.Region));
        Assert.All(writes, write => Assert.Equal(MemoryOrder.Release, write.Order));
    }

    private static FakeWorld Armed(string name)
    {
        var world = new FakeWorld(BuiltIns.Named(name));
        world.CreateVcpus();
        world.Arm(0, 128, Prediction.SoonThere);
        world.Accesses.Clear();
        return world;
    }

    private static string[] FrameRegions(FakeWorld world) =>
        [.. world.Encoding.Regions.Where(region => region.Scope == RegionScope.PerGfn).Select(region => region.Name)];
}
