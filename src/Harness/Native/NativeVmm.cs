using UapiLab.Abstractions;

namespace UapiLab.Harness.Native;

/// <summary>The world of a VMM half on real memory.</summary>
public readonly unsafe struct NativeVmm(NativeRegions memory, NativeHost host) : IVmm
{
    private readonly NativeRegion* regions = memory.First;

    /// <inheritdoc/>
    public ulong Load(Region region, ulong index, MemoryOrder order) => regions[region.Id].Load(index);

    /// <inheritdoc/>
    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order)
    {
        value = regions[region.Id].Load(index);
        return true;
    }

    /// <inheritdoc/>
    public void Store(Region region, ulong index, ulong value, MemoryOrder order) => regions[region.Id].Store(index, value, order);

    /// <inheritdoc/>
    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) => regions[region.Id].Exchange(index, value);

    /// <inheritdoc/>
    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        regions[region.Id].CompareExchange(index, expected, desired);

    /// <inheritdoc/>
    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) => regions[region.Id].And(index, mask);

    /// <inheritdoc/>
    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) => regions[region.Id].Or(index, bits);

    /// <inheritdoc/>
    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) => regions[region.Id].Add(index, addend);

    /// <inheritdoc/>
    public void Fence() => Interlocked.MemoryBarrier();

    /// <inheritdoc/>
    public void Fill(Region region, ulong first, ulong count, ulong value) => regions[region.Id].Fill(first, count, value);

    /// <inheritdoc/>
    public void Checkpoint(int label)
    {
    }

    /// <inheritdoc/>
    public void Checkpoint(int label, ref ulong live)
    {
    }

    /// <inheritdoc/>
    public void Checkpoint(int label, ref ulong live0, ref ulong live1)
    {
    }

    /// <inheritdoc/>
    public long Ioctl(int vcpu, uint number, IoctlArgument argument) => host.Ioctl(vcpu, number, argument);

    /// <inheritdoc/>
    public bool AddWaiter(Gfn gfn, Waiter waiter) => host.AddWaiter(gfn, waiter);

    /// <inheritdoc/>
    public bool TakeWaiter(Gfn gfn, out Waiter waiter) => host.TakeWaiter(gfn, out waiter);

    /// <inheritdoc/>
    public void SignalEventfd(int eventfd)
    {
    }

    /// <inheritdoc/>
    public ulong ReadEventfd(int eventfd) => 0;

    /// <inheritdoc/>
    public void ReportFault(int vcpu, Gfn gfn)
    {
    }

    /// <inheritdoc/>
    public long UpdateMemslot(bool userfault) => 0;
}
