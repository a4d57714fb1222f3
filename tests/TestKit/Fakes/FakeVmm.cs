using UapiLab.Abstractions;

namespace UapiLab.TestKit.Fakes;

/// <summary>The world of a VMM half under test.</summary>
public readonly struct FakeVmm(FakeWorld world) : IVmm
{
    private const RegionOwner Other = RegionOwner.KvmPrivate;

    public ulong Load(Region region, ulong index, MemoryOrder order) => world.Load(region, index, Other, order);

    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order) => world.TryLoad(region, index, Other, order, out value);

    public void Store(Region region, ulong index, ulong value, MemoryOrder order) => world.Modify("Store", region, index, Other, order, _ => value);

    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) => world.Modify("Exchange", region, index, Other, order, _ => value);

    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        world.Modify("CompareExchange", region, index, Other, order, old => old == expected ? desired : old);

    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) => world.Modify("FetchAnd", region, index, Other, order, old => old & mask);

    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) => world.Modify("FetchOr", region, index, Other, order, old => old | bits);

    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        world.Modify("FetchAdd", region, index, Other, order, old => unchecked(old + addend));

    public void Fence() => world.Note("Fence");

    public void Fill(Region region, ulong first, ulong count, ulong value) => world.Fill(region, first, count, value, Other);

    public void Checkpoint(int label) => world.Checkpoint();

    public void Checkpoint(int label, ref ulong live) => world.Checkpoint();

    public void Checkpoint(int label, ref ulong live0, ref ulong live1) => world.Checkpoint();

    public long Ioctl(int vcpu, uint number, IoctlArgument argument) => world.IoctlFromVmm(vcpu, number, argument);

    public bool AddWaiter(Gfn gfn, Waiter waiter) => world.AddWaiter(gfn, waiter);

    public bool TakeWaiter(Gfn gfn, out Waiter waiter) => world.TakeWaiter(gfn, out waiter);

    public void WriteSeen(Gfn gfn) => world.Note($"WriteSeen {gfn}");

    public void ReportFault(int vcpu, Gfn gfn) => world.Note("ReportFault");

    public void SignalEventfd(int eventfd) => world.Note("SignalEventfd");

    public ulong ReadEventfd(int eventfd) => 0;

    public long UpdateMemslot(bool userfault) => 0;
}
