using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>The world of both halves inside the machine. A half sees only what its constraint names.</summary>
internal readonly struct MachineWorld(OperationWorld world) : IKvm, IVmm
{
    public int ApfLimit => world.ApfLimit;
    public ulong Load(Region region, ulong index, MemoryOrder order) => world.Load(region, index, order);
    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order) =>
        world.TryLoad(region, index, out value, order);
    public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
        world.Write(region, index, value, order);
    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        world.Modify(region, index, AtomicOpKind.Exchange, value, order);
    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        world.Modify(region, index, AtomicOpKind.CompareExchange, desired, order, expected);
    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        world.Modify(region, index, AtomicOpKind.And, mask, order);
    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        world.Modify(region, index, AtomicOpKind.Or, bits, order);
    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        world.Modify(region, index, AtomicOpKind.Add, addend, order);
    public void Fence() => world.Fence();
    public void Fill(Region region, ulong first, ulong count, ulong value) => world.Fill(region, first, count, value);
    public void Checkpoint(int label) => world.Checkpoint(label);
    public void Checkpoint(int label, ref ulong live) => world.Checkpoint(label, ref live);
    public void Checkpoint(int label, ref ulong live0, ref ulong live1) =>
        world.Checkpoint(label, 2, ref live0, ref live1);
    public bool CanDoApf(int vcpu) => world.CanDo(vcpu);
    public bool CanDeliverApf(int vcpu) => world.CanDeliver(vcpu);
    public ApfRef FindApf(int vcpu, Gfn gfn) => world.FindByGfn(vcpu, gfn.Value);
    public ApfRef FindApfByToken(int vcpu, uint token) => world.FindByToken(vcpu, token);
    public ApfRef ApfAt(int vcpu, int place) => world.At(vcpu, place);
    public ApfRef SetUpApf(int vcpu, Gfn gfn, Gfn prefault) => world.SetUp(vcpu, gfn.Value, prefault.Value);
    public void CancelApf(int vcpu, ApfRef apf) => world.Cancel(vcpu, apf);
    public bool InjectNotPresent(int vcpu, ApfRef apf) => world.InjectNotPresent(vcpu, apf);
    public void CompleteApf(int vcpu, ApfRef apf) => world.Complete(vcpu, apf);
    public void RequestHalt(int vcpu) => world.RequestHalt(vcpu);
    public void Kick(int vcpu) => world.Kick(vcpu);
    public void QueueWork(ulong argument) => world.QueueWork(argument);
    void IKvm.SignalEventfd(int eventfd) => world.SignalEventfd(eventfd);
    public void Lock(KvmLock which, int vcpu) => world.Lock(which, vcpu);
    public void Unlock(KvmLock which, int vcpu) => world.Unlock(which, vcpu);
    public GroundTruth Truth(int vcpu, Gfn gfn) => world.Truth(vcpu, gfn.Value);
    public long Ioctl(int vcpu, uint number, IoctlArgument argument) => world.Ioctl(vcpu, number, argument);
    public bool AddWaiter(Gfn gfn, Waiter waiter) => world.AddWaiter(gfn.Value, waiter);
    public bool TakeWaiter(Gfn gfn, out Waiter waiter) => world.TakeWaiter(gfn.Value, out waiter);
    void IVmm.SignalEventfd(int eventfd) => world.SignalKvm(eventfd);
    public void ReportFault(int vcpu, Gfn gfn) => world.ReportFault(vcpu, gfn.Value);
    public void WriteSeen(Gfn gfn) => world.WriteSeen(gfn.Value);
    public ulong ReadEventfd(int eventfd) => world.ReadEventfd(eventfd);
    public long UpdateMemslot(bool userfault) => world.UpdateMemslot(userfault);
}
