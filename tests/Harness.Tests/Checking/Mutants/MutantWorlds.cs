using UapiLab.Abstractions;

namespace UapiLab.Harness.Tests.Checking.Mutants;

/// <summary>The world of a mutant's KVM half: another one's, with memory that is not quite right.</summary>
internal readonly struct MutantKvm<TKvm>(TKvm world, MutantMemory<TKvm> memory) : IKvm
    where TKvm : struct, IKvm
{
    public int ApfLimit => world.ApfLimit;
    public ulong Load(Region region, ulong index, MemoryOrder order) => memory.Load(region, index, order);
    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order) =>
        memory.TryLoad(region, index, out value, order);
    public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
        memory.Store(region, index, value, order);
    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        memory.Exchange(region, index, value, order);
    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        memory.CompareExchange(region, index, expected, desired, order);
    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        memory.FetchAnd(region, index, mask, order);
    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        memory.FetchOr(region, index, bits, order);
    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        memory.FetchAdd(region, index, addend, order);
    public void Fence() => memory.Fence();
    public void Fill(Region region, ulong first, ulong count, ulong value) => memory.Fill(region, first, count, value);
    public void Count(int ownEvent) => world.Count(ownEvent);
    public bool HasStopped => world.HasStopped;
    public void Checkpoint(int label, int line = 0) => memory.Checkpoint(label, line);
    public void Checkpoint(int label, ref ulong live, int line = 0) => memory.Checkpoint(label, ref live, line);
    public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line = 0) =>
        memory.Checkpoint(label, ref live0, ref live1, line);

    public bool CanDoApf(int vcpu) => world.CanDoApf(vcpu);
    public bool CanDeliverApf(int vcpu) => world.CanDeliverApf(vcpu);

    public ApfRef FindApf(int vcpu, Gfn gfn) => world.FindApf(vcpu, gfn);
    public ApfRef FindApfByToken(int vcpu, uint token) => world.FindApfByToken(vcpu, token);
    public ApfRef ApfAt(int vcpu, int place) => world.ApfAt(vcpu, place);
    public ApfRef SetUpApf(int vcpu, Gfn gfn, Gfn prefault) => world.SetUpApf(vcpu, gfn, prefault);
    public bool InjectNotPresent(int vcpu, ApfRef apf) => world.InjectNotPresent(vcpu, apf);
    public GroundTruth Truth(int vcpu, Gfn gfn) => world.Truth(vcpu, gfn);
    public void CancelApf(int vcpu, ApfRef apf) => world.CancelApf(vcpu, apf);
    public void CompleteApf(int vcpu, ApfRef apf) => world.CompleteApf(vcpu, apf);
    public void RequestHalt(int vcpu) => world.RequestHalt(vcpu);
    public void Kick(int vcpu) => world.Kick(vcpu);
    public void QueueWork(ulong argument) => world.QueueWork(argument);
    public void SignalEventfd(int eventfd) => world.SignalEventfd(eventfd);
    public void Lock(KvmLock which, int vcpu) => world.Lock(which, vcpu);
    public void Unlock(KvmLock which, int vcpu) => world.Unlock(which, vcpu);
}

/// <summary>The world of a mutant's VMM half.</summary>
internal readonly struct MutantVmm<TVmm>(TVmm world, MutantMemory<TVmm> memory) : IVmm
    where TVmm : struct, IVmm
{
    public ulong Load(Region region, ulong index, MemoryOrder order) => memory.Load(region, index, order);
    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order) =>
        memory.TryLoad(region, index, out value, order);
    public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
        memory.Store(region, index, value, order);
    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        memory.Exchange(region, index, value, order);
    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        memory.CompareExchange(region, index, expected, desired, order);
    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        memory.FetchAnd(region, index, mask, order);
    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        memory.FetchOr(region, index, bits, order);
    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        memory.FetchAdd(region, index, addend, order);
    public void Fence() => memory.Fence();
    public void Fill(Region region, ulong first, ulong count, ulong value) => memory.Fill(region, first, count, value);
    public void Count(int ownEvent) => world.Count(ownEvent);
    public bool HasStopped => world.HasStopped;
    public void Checkpoint(int label, int line = 0) => memory.Checkpoint(label, line);
    public void Checkpoint(int label, ref ulong live, int line = 0) => memory.Checkpoint(label, ref live, line);
    public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line = 0) =>
        memory.Checkpoint(label, ref live0, ref live1, line);

    public long Ioctl(int vcpu, uint number, IoctlArgument argument) => world.Ioctl(vcpu, number, argument);
    public bool AddWaiter(Gfn gfn, Waiter waiter) => world.AddWaiter(gfn, waiter);
    public bool TakeWaiter(Gfn gfn, out Waiter waiter) => world.TakeWaiter(gfn, out waiter);
    public ulong ReadEventfd(int eventfd) => world.ReadEventfd(eventfd);
    public long UpdateMemslot(bool userfault) => world.UpdateMemslot(userfault);
    public void WriteSeen(Gfn gfn) => world.WriteSeen(gfn);

    public void ReportFault(int vcpu, Gfn gfn) => world.ReportFault(vcpu, gfn);
    public void SignalEventfd(int eventfd) => world.SignalEventfd(eventfd);
}
