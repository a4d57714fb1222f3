using UapiLab.Abstractions;

namespace UapiLab.TestKit.Fakes;

/// <summary>The world of a half under test, which sees the one interface that it asks for.</summary>
/// <param name="world">What it stands for.</param>
/// <param name="other">The regions that the half may not touch.</param>
public readonly struct FakeSide(FakeWorld world, RegionOwner other) : IKvm, IVmm
{
    public int ApfLimit => world.ApfLimit;

    public ulong Load(Region region, ulong index, MemoryOrder order) => world.Load(region, index, other, order);

    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order) =>
        world.TryLoad(region, index, other, order, out value);

    public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
        world.Modify("Store", region, index, other, order, _ => value);

    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        world.Modify("Exchange", region, index, other, order, _ => value);

    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        world.Modify("CompareExchange", region, index, other, order, old => old == expected ? desired : old);

    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        world.Modify("FetchAnd", region, index, other, order, old => old & mask);

    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        world.Modify("FetchOr", region, index, other, order, old => old | bits);

    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        world.Modify("FetchAdd", region, index, other, order, old => unchecked(old + addend));

    public void Fence() => world.Note("Fence");

    public void Fill(Region region, ulong first, ulong count, ulong value) =>
        world.Fill(region, first, count, value, other);

    public void Checkpoint(int label, int line = 0) => world.Checkpoint();

    public void Checkpoint(int label, ref ulong live, int line = 0) => world.Checkpoint();

    public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line = 0) => world.Checkpoint();

    public bool CanDoApf(int vcpu)
    {
        world.Note("CanDoApf");
        return world[vcpu].CanDo;
    }

    public bool CanDeliverApf(int vcpu)
    {
        world.Note("CanDeliverApf");
        return world[vcpu].CanDeliver;
    }

    public ApfRef FindApf(int vcpu, Gfn gfn) => world.Find(vcpu, apf => apf.Gfn == gfn);

    public ApfRef FindApfByToken(int vcpu, uint token) => world.Find(vcpu, apf => apf.Token == token);

    public ApfRef ApfAt(int vcpu, int place) => world[vcpu].OldestFirst.ElementAtOrDefault(place)?.Ref ?? ApfRef.None;

    public ApfRef SetUpApf(int vcpu, Gfn gfn, Gfn prefault) => world.SetUpApf(vcpu, gfn, prefault);

    public void CancelApf(int vcpu, ApfRef apf) => world.CancelApf(vcpu, apf);

    public bool InjectNotPresent(int vcpu, ApfRef apf) => world.InjectNotPresent(vcpu, apf);

    public void CompleteApf(int vcpu, ApfRef apf) => world.CompleteApf(vcpu, apf);

    public void RequestHalt(int vcpu)
    {
        world.Note("RequestHalt");
        world[vcpu].HaltRequested = true;
    }

    public void Kick(int vcpu) => world.Note("Kick");

    public void QueueWork(ulong argument) => world.Note("QueueWork");

    public void SignalEventfd(int eventfd) => world.Note("SignalEventfd");

    public void Lock(KvmLock which, int vcpu) => world.Lock(which, vcpu);

    public void Unlock(KvmLock which, int vcpu) => world.Unlock(which, vcpu);

    public GroundTruth Truth(int vcpu, Gfn gfn) => world.Truth;

    public long Ioctl(int vcpu, uint number, IoctlArgument argument) => world.IoctlFromVmm(vcpu, number, argument);

    public bool AddWaiter(Gfn gfn, Waiter waiter) => world.AddWaiter(gfn, waiter);

    public bool TakeWaiter(Gfn gfn, out Waiter waiter) => world.TakeWaiter(gfn, out waiter);

    public void WriteSeen(Gfn gfn) => world.Note($"WriteSeen {gfn}");

    public void ReportFault(int vcpu, Gfn gfn) => world.Note("ReportFault");

    public ulong ReadEventfd(int eventfd) => 0;

    public long UpdateMemslot(bool userfault) => 0;
}
