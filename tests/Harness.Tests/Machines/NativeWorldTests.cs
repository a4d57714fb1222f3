using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Native;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>The same encoding source on real memory, with real threads.</summary>
public sealed class NativeWorldTests
{
    public static TheoryData<string> Families => new(BuiltInEncodings.All
        .Where(f => f.Create(
            new OptionValues(f.Options.ToDictionary(o => o.Name,
            o => o.Default))).Description.Interception == Interception.Memslot)
        .Select(f => f.Id));

    [Theory]
    [MemberData(nameof(Families))]
    public void Armed_frames_exit_and_published_frames_map(string id)
    {
        var family = BuiltInEncodings.All.Single(f => f.Id == id);
        var encoding = family.Create(new OptionValues(family.Options.ToDictionary(o => o.Name, o => o.Default)));
        using var regions = new NativeRegions(encoding, vcpus: 1, gfns: 256);
        var kvmHalf = encoding.KvmHalf<NativeWorld>();
        NativeWorld kvm = default;
        var host = new NativeHost(1,
            ioctl: (vcpu, number, argument) => kvmHalf.OnIoctl(kvm, new(vcpu, number, argument)));
        kvm = new NativeWorld(regions, host);
        var vmm = new NativeWorld(regions, host);
        var vmmHalf = encoding.VmmHalf<NativeWorld>();

        vmmHalf.OnVcpuCreated(vmm, 0);
        vmmHalf.OnArm(vmm, new(new Gfn(3), 200, Prediction.Async));
        Assert.Equal(FaultVerdict.Map,
            kvmHalf.OnGuestFault(kvm, new(0, new Gfn(2), AccessKind.Read, Prefetch: false)).Verdict);
        Assert.NotEqual(FaultVerdict.Map,
            kvmHalf.OnGuestFault(kvm, new(0, new Gfn(3), AccessKind.Read, Prefetch: false)).Verdict);
        Assert.Equal(FaultVerdict.Exit,
            kvmHalf.OnGuestFault(kvm, new(0, new Gfn(202), AccessKind.Read, Prefetch: true)).Verdict);
        Assert.Equal(FaultVerdict.Map,
            kvmHalf.OnGuestFault(kvm, new(0, new Gfn(203), AccessKind.Read, Prefetch: false)).Verdict);

        vmmHalf.OnContentArrived(vmm, new Gfn(202));
        Assert.Equal(FaultVerdict.Map,
            kvmHalf.OnGuestFault(kvm, new(0, new Gfn(202), AccessKind.Read, Prefetch: false)).Verdict);
        Assert.Equal(FaultVerdict.Exit,
            kvmHalf.OnGuestFault(kvm, new(0, new Gfn(201), AccessKind.Read, Prefetch: true)).Verdict);
    }

    [Fact]
    public void Threads_that_publish_neighbours_lose_nothing()
    {
        var family = BuiltInEncodings.All.Single(f => f.Id == "single-bit");
        var encoding = family.Create(new OptionValues(family.Options.ToDictionary(o => o.Name, o => o.Default)));
        const int Frames = 1 << 16;
        using var regions = new NativeRegions(encoding, vcpus: 1, gfns: Frames);
        var vmm = new NativeWorld(regions, new NativeHost(1));
        var half = encoding.VmmHalf<NativeWorld>();
        half.OnArm(vmm, new(new Gfn(0), Frames, Prediction.Async));

        Parallel.For(0, 4, thread =>
        {
            for (var gfn = thread; gfn < Frames; gfn += 4)
            {
                half.OnContentArrived(vmm, new Gfn((ulong)gfn));
            }
        });

        Assert.All(Enumerable.Range(0, Frames / 64), word => Assert.Equal(0UL, regions.Read(0, (ulong)word)));
    }
}
