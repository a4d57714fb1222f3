using System.Collections.Concurrent;
using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>Rule A11: the fault that KVM takes at ready time repeats the guest's access (kvm_arch_async_page_ready
/// passes the error code of the fault that started the APF).</summary>
public sealed class ReadyPrefaultTests
{
    [Theory]
    [InlineData("mixed:write=0", AccessKind.Read)]
    [InlineData("mixed:write=1", AccessKind.Write)]
    public void It_repeats_the_access_of_the_guest(string workload, AccessKind access)
    {
        var seen = new ConcurrentBag<AccessKind>();
        using var simulator = new Simulator(
            new Watched(new EncodingRegistry(BuiltInEncodings.All).Resolve("single-bit"), seen),
            WorkloadCatalog.BuiltIn.Resolve(workload), CostTable.Default, seed: 1);
        simulator.Run();
        Assert.NotEmpty(seen);
        Assert.All(seen, a => Assert.Equal(access, a));
    }

    /// <summary>An encoding whose KVM half tells of the accesses of its prefetch faults.</summary>
    private sealed class Watched(Encoding inner, ConcurrentBag<AccessKind> seen) : Encoding
    {
        public override EncodingDescription Description => inner.Description;
        public override IReadOnlyList<RegionSpec> Regions => inner.Regions;
        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => inner.VmmHalf<TVmm>();
        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new Half<TKvm>(inner.KvmHalf<TKvm>(), seen);
    }

    private sealed class Half<TKvm>(IKvmHalf<TKvm> inner, ConcurrentBag<AccessKind> seen) : IKvmHalf<TKvm>
        where TKvm : struct, IKvm
    {
        public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
        {
            if (fault.Prefetch)
            {
                seen.Add(fault.Access);
            }

            return inner.OnGuestFault(kvm, fault);
        }

        public long OnIoctl(TKvm kvm, IoctlCall call) => inner.OnIoctl(kvm, call);
        public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => inner.OnApfDelivered(kvm, vcpu, apf);
        public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) =>
            inner.OnQueueClearing(kvm, vcpu, reason);
    }
}
