using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>The world of a KVM half inside the machine.</summary>
public readonly struct MachineKvm(OperationWorld world) : IKvm
{
    /// <inheritdoc/>
    public int ApfLimit => world.ApfLimit;
    /// <inheritdoc/>
    public ulong Load(Region region, ulong index, MemoryOrder order) => world.Load(region, index, order);
    /// <inheritdoc/>
    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order) => world.TryLoad(region, index, out value, order);
    /// <inheritdoc/>
    public void Store(Region region, ulong index, ulong value, MemoryOrder order) => world.Write(region, index, value, order);
    /// <inheritdoc/>
    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) => world.Modify(region, index, Modification.Exchange, value, order);
    /// <inheritdoc/>
    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) => world.Modify(region, index, Modification.CompareExchange, desired, order, expected);
    /// <inheritdoc/>
    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) => world.Modify(region, index, Modification.And, mask, order);
    /// <inheritdoc/>
    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) => world.Modify(region, index, Modification.Or, bits, order);
    /// <inheritdoc/>
    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) => world.Modify(region, index, Modification.Add, addend, order);
    /// <inheritdoc/>
    public void Fence() => world.Fence();
    /// <inheritdoc/>
    public void Fill(Region region, ulong first, ulong count, ulong value) => world.Fill(region, first, count, value);
    /// <inheritdoc/>
    public void Checkpoint(int label) => world.Checkpoint(label);
    /// <inheritdoc/>
    public void Checkpoint(int label, ref ulong live) => world.Checkpoint(label, ref live);
    /// <inheritdoc/>
    public void Checkpoint(int label, ref ulong live0, ref ulong live1) => world.Checkpoint(label, 2, ref live0, ref live1);
    /// <inheritdoc/>
    public bool CanDoApf(int vcpu) => world.CanDo(vcpu);
    /// <inheritdoc/>
    public bool CanDeliverApf(int vcpu) => world.CanDeliver(vcpu);
    /// <inheritdoc/>
    public ApfRef FindApf(int vcpu, Gfn gfn) => world.FindByGfn(vcpu, gfn.Value);
    /// <inheritdoc/>
    public ApfRef FindApfByToken(int vcpu, uint token) => world.FindByToken(vcpu, token);
    /// <inheritdoc/>
    public ApfRef ApfAt(int vcpu, int place) => world.At(vcpu, place);
    /// <inheritdoc/>
    public ApfRef SetUpApf(int vcpu, Gfn gfn, Gfn prefault) => world.SetUp(vcpu, gfn.Value, prefault.Value);
    /// <inheritdoc/>
    public void CancelApf(int vcpu, ApfRef apf) => world.Cancel(vcpu, apf);
    /// <inheritdoc/>
    public bool InjectNotPresent(int vcpu, ApfRef apf) => world.InjectNotPresent(vcpu, apf);
    /// <inheritdoc/>
    public void CompleteApf(int vcpu, ApfRef apf) => world.Complete(vcpu, apf);
    /// <inheritdoc/>
    public void RequestHalt(int vcpu) => world.RequestHalt(vcpu);
    /// <inheritdoc/>
    public void Kick(int vcpu) => world.Kick(vcpu);
    /// <inheritdoc/>
    public void QueueWork(ulong argument) => world.QueueWork(argument);
    /// <inheritdoc/>
    public void SignalEventfd(int eventfd) => world.SignalEventfd(eventfd);
    /// <inheritdoc/>
    public void Lock(KvmLock which, int vcpu) => world.Lock(which, vcpu);
    /// <inheritdoc/>
    public void Unlock(KvmLock which, int vcpu) => world.Unlock(which, vcpu);
    /// <inheritdoc/>
    public GroundTruth Truth(int vcpu, Gfn gfn) => world.Truth(vcpu, gfn.Value);
}

/// <summary>The world of a VMM half inside the machine.</summary>
public readonly struct MachineVmm(OperationWorld world) : IVmm
{
    /// <inheritdoc/>
    public ulong Load(Region region, ulong index, MemoryOrder order) => world.Load(region, index, order);
    /// <inheritdoc/>
    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order) => world.TryLoad(region, index, out value, order);
    /// <inheritdoc/>
    public void Store(Region region, ulong index, ulong value, MemoryOrder order) => world.Write(region, index, value, order);
    /// <inheritdoc/>
    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) => world.Modify(region, index, Modification.Exchange, value, order);
    /// <inheritdoc/>
    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) => world.Modify(region, index, Modification.CompareExchange, desired, order, expected);
    /// <inheritdoc/>
    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) => world.Modify(region, index, Modification.And, mask, order);
    /// <inheritdoc/>
    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) => world.Modify(region, index, Modification.Or, bits, order);
    /// <inheritdoc/>
    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) => world.Modify(region, index, Modification.Add, addend, order);
    /// <inheritdoc/>
    public void Fence() => world.Fence();
    /// <inheritdoc/>
    public void Fill(Region region, ulong first, ulong count, ulong value) => world.Fill(region, first, count, value);
    /// <inheritdoc/>
    public void Checkpoint(int label) => world.Checkpoint(label);
    /// <inheritdoc/>
    public void Checkpoint(int label, ref ulong live) => world.Checkpoint(label, ref live);
    /// <inheritdoc/>
    public void Checkpoint(int label, ref ulong live0, ref ulong live1) => world.Checkpoint(label, 2, ref live0, ref live1);
    /// <inheritdoc/>
    public long Ioctl(int vcpu, uint number, IoctlArgument argument) => world.Ioctl(vcpu, number, argument);
    /// <inheritdoc/>
    public bool AddWaiter(Gfn gfn, Waiter waiter) => world.AddWaiter(gfn.Value, waiter);
    /// <inheritdoc/>
    public bool TakeWaiter(Gfn gfn, out Waiter waiter) => world.TakeWaiter(gfn.Value, out waiter);
    /// <inheritdoc/>
    public void SignalEventfd(int eventfd) => world.SignalKvm(eventfd);
    /// <inheritdoc/>
    public void ReportFault(int vcpu, Gfn gfn) => world.ReportFault(vcpu, gfn.Value);
    /// <inheritdoc/>
    public void WriteSeen(Gfn gfn) => world.WriteSeen(gfn.Value);
    /// <inheritdoc/>
    public ulong ReadEventfd(int eventfd) => world.ReadEventfd(eventfd);
    /// <inheritdoc/>
    public long UpdateMemslot(bool userfault) => world.UpdateMemslot(userfault);
}
