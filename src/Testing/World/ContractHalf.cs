using UapiLab.Abstractions;
using UapiLab.Harness.Native;

namespace UapiLab.Testing.World;

/// <summary>The world of both halves in the kit. A half sees only what its constraint names.</summary>
internal readonly struct ContractHalf(ContractWorld world, Actor actor) : IKvm, IVmm
{
    public int ApfLimit => world.ApfLimit;

    public ulong Load(Region region, ulong index, MemoryOrder order) =>
        world.Words(actor, region, index).Load(region, index, order);

    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order)
    {
        var words = world.Words(actor, region, index);
        value = 0;
        return (actor.OnVmmSide || world.IsReadable(actor, region)) && words.TryLoad(region, index, out value, order);
    }

    public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
        world.Words(actor, region, index).Store(region, index, value, order);

    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        world.Words(actor, region, index).Exchange(region, index, value, order);

    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        world.Words(actor, region, index).CompareExchange(region, index, expected, desired, order);

    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        world.Words(actor, region, index).FetchAnd(region, index, mask, order);

    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        world.Words(actor, region, index).FetchOr(region, index, bits, order);

    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        world.Words(actor, region, index).FetchAdd(region, index, addend, order);

    public void Fence()
    {
        world.Call(actor);
        Interlocked.MemoryBarrier();
    }

    public void Fill(Region region, ulong first, ulong count, ulong value)
    {
        if (count > 0)
        {
            world.Words(actor, region, checked(first + count - 1)).Fill(region, first, count, value);
        }
    }

    public void Count(int ownEvent) => world.Count(ownEvent);

    public void Checkpoint(int label, int line) => actor.PassCheckpoint();

    public void Checkpoint(int label, ref ulong live, int line) => actor.PassCheckpoint();

    public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line) => actor.PassCheckpoint();

    public bool CanDoApf(int vcpu) => world.CanDo(vcpu);

    public bool CanDeliverApf(int vcpu) => world.CanDeliver(vcpu);

    public ApfRef FindApf(int vcpu, Gfn gfn) => world.Find(actor, vcpu, apf => apf.Gfn == gfn);

    public ApfRef FindApfByToken(int vcpu, uint token) => world.Find(actor, vcpu, apf => apf.Token == token);

    public ApfRef ApfAt(int vcpu, int place) => world.At(actor, vcpu, place);

    public ApfRef SetUpApf(int vcpu, Gfn gfn, Gfn prefault) => world.SetUp(actor, vcpu, gfn, prefault);

    public void CancelApf(int vcpu, ApfRef apf) => world.Cancel(actor, vcpu, apf);

    public bool InjectNotPresent(int vcpu, ApfRef apf) => world.Inject(actor, vcpu, apf);

    public void CompleteApf(int vcpu, ApfRef apf) => world.Complete(actor, vcpu, apf);

    public void RequestHalt(int vcpu) => world.RequestHalt(actor, vcpu);

    public void Kick(int vcpu) => world.Call(actor);

    public void QueueWork(ulong argument) => world.QueueWork(actor, argument);

    void IKvm.SignalEventfd(int eventfd) => world.SignalVmm(actor, eventfd);

    public void Lock(KvmLock which, int vcpu) => world.Lock(actor, which, vcpu);

    public void Unlock(KvmLock which, int vcpu) => world.Unlock(actor, which, vcpu);

    public GroundTruth Truth(int vcpu, Gfn gfn) => world.Truth(actor, gfn);

    public long Ioctl(int vcpu, uint number, IoctlArgument argument) => world.Ioctl(actor, vcpu, number, argument);

    public bool AddWaiter(Gfn gfn, Waiter waiter) => world.AddWaiter(actor, gfn, waiter);

    public bool TakeWaiter(Gfn gfn, out Waiter waiter) => world.TakeWaiter(actor, gfn, out waiter);

    public void ReportFault(int vcpu, Gfn gfn) => world.ReportFault(actor, gfn);

    void IVmm.SignalEventfd(int eventfd) => world.SignalKvm(actor, eventfd);

    public ulong ReadEventfd(int eventfd) => world.ReadEventfd(actor, eventfd);

    public long UpdateMemslot(bool userfault) => world.UpdateMemslot(actor, userfault);
}
