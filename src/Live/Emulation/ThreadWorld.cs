using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Live.Emulation;

/// <summary>The world of both halves on a thread of the process. Accesses to words are atomic accesses to memory that
/// other threads see; whatever else a half asks for, the machine does under its lock, as it does in a
/// simulation.</summary>
internal readonly struct ThreadWorld(ThreadContext context) : IKvm, IVmm
{
    /// <inheritdoc/>
    public bool HasStopped => false;

    /// <inheritdoc/>
    public int ApfLimit => context.ApfLimit;

    /// <inheritdoc/>
    public ulong Load(Region region, ulong index, MemoryOrder order) => context.Words.Load(region, index, order);

    /// <inheritdoc/>
    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order) =>
        context.Words.TryLoad(region, index, out value, order);

    /// <inheritdoc/>
    public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
        context.Words.Store(region, index, value, order);

    /// <inheritdoc/>
    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        context.Words.Exchange(region, index, value, order);

    /// <inheritdoc/>
    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        context.Words.CompareExchange(region, index, expected, desired, order);

    /// <inheritdoc/>
    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        context.Words.FetchAnd(region, index, mask, order);

    /// <inheritdoc/>
    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        context.Words.FetchOr(region, index, bits, order);

    /// <inheritdoc/>
    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        context.Words.FetchAdd(region, index, addend, order);

    /// <inheritdoc/>
    public void Fence() => context.Words.Fence();

    /// <inheritdoc/>
    public void Fill(Region region, ulong first, ulong count, ulong value) =>
        context.Words.Fill(region, first, count, value);

    /// <inheritdoc/>
    public void Count(int ownEvent)
    {
    }

    /// <inheritdoc/>
    public void Checkpoint(int label, int line)
    {
        context.AtHead();
        context.Checkpoint((label, line));
    }

    /// <inheritdoc/>
    public void Checkpoint(int label, ref ulong live, int line)
    {
        context.AtHead();
        context.Checkpoint((label, line), ref live);
    }

    /// <inheritdoc/>
    public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line)
    {
        context.AtHead();
        context.Checkpoint((label, line), 2, ref live0, ref live1);
    }

    /// <inheritdoc/>
    public bool CanDoApf(int vcpu) => context.Under(c => c.CanDo(vcpu));

    /// <inheritdoc/>
    public bool CanDeliverApf(int vcpu) => context.Under(c => c.CanDeliver(vcpu));

    /// <inheritdoc/>
    public ApfRef FindApf(int vcpu, Gfn gfn) => context.Under(c => c.FindByGfn(vcpu, c.FrameOf(gfn)));

    /// <inheritdoc/>
    public ApfRef FindApfByToken(int vcpu, uint token) => context.Under(c => c.FindByToken(vcpu, token));

    /// <inheritdoc/>
    public ApfRef ApfAt(int vcpu, int place) => context.Under(c => c.At(vcpu, place));

    /// <inheritdoc/>
    public ApfRef SetUpApf(int vcpu, Gfn gfn, Gfn prefault) =>
        context.Under(c => c.SetUp(vcpu, c.FrameOf(gfn), c.FrameOf(prefault)));

    /// <inheritdoc/>
    public void CancelApf(int vcpu, ApfRef apf) => Do(c => c.Cancel(vcpu, apf));

    /// <inheritdoc/>
    public bool InjectNotPresent(int vcpu, ApfRef apf) => context.Under(c => c.InjectNotPresent(vcpu, apf));

    /// <inheritdoc/>
    public void CompleteApf(int vcpu, ApfRef apf) => Do(c => c.Complete(vcpu, apf));

    /// <inheritdoc/>
    public void RequestHalt(int vcpu) => Do(c => c.RequestHalt(vcpu));

    /// <inheritdoc/>
    public void Kick(int vcpu) => Do(c => c.Kick(vcpu));

    /// <inheritdoc/>
    public void QueueWork(ulong argument) => Do(c => c.QueueWork(argument));

    /// <inheritdoc/>
    void IKvm.SignalEventfd(int eventfd) => Do(c => c.SignalEventfd(eventfd));

    /// <inheritdoc/>
    public void Lock(KvmLock which, int vcpu) => Do(c =>
    {
        c.Await(which, vcpu);
        c.Lock(which, vcpu);
    });

    /// <inheritdoc/>
    public void Unlock(KvmLock which, int vcpu) => Do(c => c.Unlock(which, vcpu));

    /// <inheritdoc/>
    public GroundTruth Truth(int vcpu, Gfn gfn) => context.Under(c => c.Truth(vcpu, c.FrameOf(gfn)));

    /// <inheritdoc/>
    public long Ioctl(int vcpu, uint number, IoctlArgument argument) => context.Under(c =>
    {
        c.AwaitMutex(vcpu, number, argument);
        return c.Ioctl(vcpu, number, argument);
    });

    /// <inheritdoc/>
    public bool AddWaiter(Gfn gfn, Waiter waiter) => context.Under(c => c.AddWaiter(c.FrameOf(gfn), waiter));

    /// <inheritdoc/>
    public bool TakeWaiter(Gfn gfn, out Waiter waiter)
    {
        (var isTaken, waiter) = context.Under(c => (c.TakeWaiter(c.FrameOf(gfn), out var taken), taken));
        return isTaken;
    }

    /// <inheritdoc/>
    void IVmm.SignalEventfd(int eventfd) => Do(c => c.SignalKvm(eventfd));

    /// <inheritdoc/>
    public void ReportFault(int vcpu, Gfn gfn) => Do(c => c.ReportFault(vcpu, c.FrameOf(gfn)));

    /// <inheritdoc/>
    public void WriteSeen(Gfn gfn) => Do(c => c.WriteSeen(c.FrameOf(gfn)));

    /// <inheritdoc/>
    public ulong ReadEventfd(int eventfd) => context.Under(c => c.ReadEventfd(eventfd));

    /// <inheritdoc/>
    public long UpdateMemslot(bool userfault) => context.Under(c => c.UpdateMemslot(userfault));

    private void Do(Action<ThreadContext> call) => context.Under(c =>
    {
        call(c);
        return true;
    });
}
