using UapiLab.Abstractions;

namespace UapiLab.Harness.Native;

/// <summary>The world of both halves on real memory. A half sees only what its constraint names.</summary>
public readonly unsafe struct NativeWorld(NativeRegions memory, NativeHost host) : IKvm, IVmm
{
    private readonly NativeRegion* _regions = memory.First;

    /// <inheritdoc/>
    public ulong Load(Region region, ulong index, MemoryOrder order) => _regions[region.Id].Load(index);

    /// <inheritdoc/>
    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order)
    {
        value = _regions[region.Id].Load(index);
        return true;
    }

    /// <inheritdoc/>
    public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
        _regions[region.Id].Store(index, value, order);

    /// <inheritdoc/>
    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        _regions[region.Id].Exchange(index, value);

    /// <inheritdoc/>
    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        _regions[region.Id].CompareExchange(index, expected, desired);

    /// <inheritdoc/>
    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        _regions[region.Id].And(index, mask);

    /// <inheritdoc/>
    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        _regions[region.Id].Or(index, bits);

    /// <inheritdoc/>
    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        _regions[region.Id].Add(index, addend);

    /// <inheritdoc/>
    public void Fence() => Interlocked.MemoryBarrier();

    /// <inheritdoc/>
    public void Fill(Region region, ulong first, ulong count, ulong value) =>
        _regions[region.Id].Fill(first, count, value);

    /// <inheritdoc/>
    public void Count(int ownEvent)
    {
    }

    /// <inheritdoc/>
    public bool HasStopped => false;

    /// <inheritdoc/>
    public void Checkpoint(int label, int line)
    {
    }

    /// <inheritdoc/>
    public void Checkpoint(int label, ref ulong live, int line)
    {
    }

    /// <inheritdoc/>
    public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line)
    {
    }

    /// <inheritdoc/>
    public int ApfLimit => host.ApfLimit;

    /// <inheritdoc/>
    public bool CanDoApf(int vcpu) => true;

    /// <inheritdoc/>
    public bool CanDeliverApf(int vcpu) => true;

    /// <inheritdoc/>
    public ApfRef FindApf(int vcpu, Gfn gfn) => host.Find(vcpu, static (apf, key) => apf.Gfn == key, gfn.Value);

    /// <inheritdoc/>
    public ApfRef FindApfByToken(int vcpu, uint token) => host.Find(vcpu, static (apf, key) => apf.Token == key, token);

    /// <inheritdoc/>
    public ApfRef ApfAt(int vcpu, int place) => host.At(vcpu, place);

    /// <inheritdoc/>
    public ApfRef SetUpApf(int vcpu, Gfn gfn, Gfn prefault) => host.SetUp(vcpu, gfn);

    /// <inheritdoc/>
    public void CancelApf(int vcpu, ApfRef apf) => host.Free(apf, completed: false);

    /// <inheritdoc/>
    public bool InjectNotPresent(int vcpu, ApfRef apf) => true;

    /// <inheritdoc/>
    public void CompleteApf(int vcpu, ApfRef apf) => host.Free(apf, completed: true);

    /// <inheritdoc/>
    public void RequestHalt(int vcpu)
    {
    }

    /// <inheritdoc/>
    public void Kick(int vcpu)
    {
    }

    /// <inheritdoc/>
    public void QueueWork(ulong argument)
    {
    }

    /// <inheritdoc/>
    public void SignalEventfd(int eventfd)
    {
    }

    /// <inheritdoc/>
    public void Lock(KvmLock which, int vcpu) => host.Lock(which, vcpu);

    /// <inheritdoc/>
    public void Unlock(KvmLock which, int vcpu) => host.Unlock(which, vcpu);

    /// <inheritdoc/>
    public GroundTruth Truth(int vcpu, Gfn gfn) => new(Disposition.Async, long.MaxValue, 1);

    /// <inheritdoc/>
    public long Ioctl(int vcpu, uint number, IoctlArgument argument) => host.Ioctl(vcpu, number, argument);

    /// <inheritdoc/>
    public bool AddWaiter(Gfn gfn, Waiter waiter) => host.AddWaiter(gfn, waiter);

    /// <inheritdoc/>
    public bool TakeWaiter(Gfn gfn, out Waiter waiter) => host.TakeWaiter(gfn, out waiter);

    /// <inheritdoc/>
    public ulong ReadEventfd(int eventfd) => 0;

    /// <inheritdoc/>
    public void ReportFault(int vcpu, Gfn gfn)
    {
    }

    /// <inheritdoc/>
    public long UpdateMemslot(bool userfault) => 0;
}
