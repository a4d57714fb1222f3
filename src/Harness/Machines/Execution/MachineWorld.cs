using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>The world of both halves inside the machine. A half sees only what its constraint names.</summary>
internal readonly struct MachineWorld(OperationWorld world) : IKvm, IVmm
{
    public bool HasStopped => world.Stopped;

    public int ApfLimit => world.ApfLimit;
    public ulong Load(Region region, ulong index, MemoryOrder order)
    {
        world.Note(1, region, index);
        return world.Load(region, index, order);
    }

    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order)
    {
        world.Note(2, region, index);
        return world.TryLoad(region, index, out value, order);
    }

    public void Store(Region region, ulong index, ulong value, MemoryOrder order)
    {
        world.Note(3, region, index, value);
        world.Write(region, index, value, order);
    }

    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        Modify(region, index, AtomicOpKind.Exchange, value, order);
    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        Modify(region, index, AtomicOpKind.CompareExchange, desired, order, expected);
    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        Modify(region, index, AtomicOpKind.And, mask, order);
    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        Modify(region, index, AtomicOpKind.Or, bits, order);
    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        Modify(region, index, AtomicOpKind.Add, addend, order);
    public void Fence()
    {
        world.Note(5);
        world.Fence();
    }

    public void Fill(Region region, ulong first, ulong count, ulong value)
    {
        world.Note(6, region, first, value, count);
        world.Fill(region, first, count, value);
    }

    public void Count(int ownEvent) => world.Count(ownEvent);

    public void Checkpoint(int label, int line)
    {
        world.Note(7, (ulong)label);
        world.Checkpoint((label, line));
    }

    public void Checkpoint(int label, ref ulong live, int line)
    {
        world.Note(8, (ulong)label);
        world.Checkpoint((label, line), ref live);
    }

    public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line)
    {
        world.Note(9, (ulong)label);
        world.Checkpoint((label, line), 2, ref live0, ref live1);
    }

    public bool CanDoApf(int vcpu)
    {
        world.Note(10, (ulong)vcpu);
        return world.CanDo(vcpu);
    }

    public bool CanDeliverApf(int vcpu)
    {
        world.Note(11, (ulong)vcpu);
        return world.CanDeliver(vcpu);
    }

    public ApfRef FindApf(int vcpu, Gfn gfn)
    {
        world.Note(12, (ulong)vcpu, gfn.Value);
        return world.FindByGfn(vcpu, world.FrameOf(gfn));
    }

    public ApfRef FindApfByToken(int vcpu, uint token)
    {
        world.Note(13, (ulong)vcpu, token);
        return world.FindByToken(vcpu, token);
    }

    public ApfRef ApfAt(int vcpu, int place)
    {
        world.Note(14, (ulong)vcpu, (ulong)place);
        return world.At(vcpu, place);
    }

    public ApfRef SetUpApf(int vcpu, Gfn gfn, Gfn prefault)
    {
        world.Note(15, (ulong)vcpu, gfn.Value, prefault.Value);
        return world.SetUp(vcpu, world.FrameOf(gfn), world.FrameOf(prefault));
    }

    public void CancelApf(int vcpu, ApfRef apf)
    {
        world.Note(16, (ulong)vcpu, apf);
        world.Cancel(vcpu, apf);
    }

    public bool InjectNotPresent(int vcpu, ApfRef apf)
    {
        world.Note(17, (ulong)vcpu, apf);
        return world.InjectNotPresent(vcpu, apf);
    }

    public void CompleteApf(int vcpu, ApfRef apf)
    {
        world.Note(18, (ulong)vcpu, apf);
        world.Complete(vcpu, apf);
    }

    public void RequestHalt(int vcpu)
    {
        world.Note(19, (ulong)vcpu);
        world.RequestHalt(vcpu);
    }

    public void Kick(int vcpu)
    {
        world.Note(20, (ulong)vcpu);
        world.Kick(vcpu);
    }

    public void QueueWork(ulong argument)
    {
        world.Note(21, argument);
        world.QueueWork(argument);
    }

    void IKvm.SignalEventfd(int eventfd)
    {
        world.Note(22, (ulong)eventfd);
        world.SignalEventfd(eventfd);
    }

    public void Lock(KvmLock which, int vcpu)
    {
        world.Note(23, (ulong)which, (ulong)vcpu);
        world.Lock(which, vcpu);
    }

    public void Unlock(KvmLock which, int vcpu)
    {
        world.Note(24, (ulong)which, (ulong)vcpu);
        world.Unlock(which, vcpu);
    }

    public GroundTruth Truth(int vcpu, Gfn gfn)
    {
        world.Note(25, (ulong)vcpu, gfn.Value);
        return world.Truth(vcpu, world.FrameOf(gfn));
    }

    public long Ioctl(int vcpu, uint number, IoctlArgument argument)
    {
        world.Note(26, (ulong)vcpu, number);
        world.Note(argument.W0, argument.W1, argument.W2, argument.W3);
        return world.Ioctl(vcpu, number, argument);
    }

    public bool AddWaiter(Gfn gfn, Waiter waiter)
    {
        world.Note(27, gfn.Value, (ulong)waiter.Vcpu, waiter.Cookie);
        return world.AddWaiter(world.FrameOf(gfn), waiter);
    }

    public bool TakeWaiter(Gfn gfn, out Waiter waiter)
    {
        world.Note(28, gfn.Value);
        return world.TakeWaiter(world.FrameOf(gfn), out waiter);
    }

    void IVmm.SignalEventfd(int eventfd)
    {
        world.Note(29, (ulong)eventfd);
        world.SignalKvm(eventfd);
    }

    public void ReportFault(int vcpu, Gfn gfn)
    {
        world.Note(30, (ulong)vcpu, gfn.Value);
        world.ReportFault(vcpu, world.FrameOf(gfn));
    }

    public void WriteSeen(Gfn gfn)
    {
        world.Note(31, gfn.Value);
        world.WriteSeen(world.FrameOf(gfn));
    }

    public ulong ReadEventfd(int eventfd)
    {
        world.Note(32, (ulong)eventfd);
        return world.ReadEventfd(eventfd);
    }

    public long UpdateMemslot(bool userfault)
    {
        world.Note(33, userfault ? 1UL : 0);
        return world.UpdateMemslot(userfault);
    }

    private ulong Modify(Region region, ulong index, AtomicOpKind how, ulong operand, MemoryOrder order,
        ulong expected = 0)
    {
        world.Note(4 | ((ulong)how << 8), region, index, operand, expected);
        return world.Modify(region, index, how, operand, order, expected);
    }
}
