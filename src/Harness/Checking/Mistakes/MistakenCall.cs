using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Checking.Mistakes;

/// <summary>What one call of an operation of a VMM's half sees: the world, but for what the plan does to a call of it.
/// It is made anew for each operation, and what it holds follows from what the operation was given, so a half that uses
/// it remains a pure function.</summary>
internal sealed class MistakenCall<TVmm>(TVmm world, MistakePlan plan, HandedCalls handed, Operation operation)
    where TVmm : struct, IVmm
{
    /// <summary>While the machine is set up an operation goes on until it returns, since nobody else runs. Later one
    /// that does not end is stopped long before.</summary>
    private const int MostRounds = 1_000;

    private readonly RoundMemory<(VmmCall, uint, uint), int> _counts = new();
    private readonly RoundMemory<(Region, ulong), ulong> _known = new();
    private Action? _putOff;
    private int _putOffWithin;
    private int _rounds;
    private bool _failed;
    private VmmSite? _before;

    public TVmm World => world;

    public ulong Load(Region region, ulong index, MemoryOrder order)
    {
        var kind = Next(VmmCall.Load, (uint)region.Id, 0, order != MemoryOrder.Relaxed);
        var value = kind == MistakeKind.LookLeftOut ? _known[(region, index)]
            : world.Load(region, index, kind == MistakeKind.Weakened ? MemoryOrder.Relaxed : order);
        _known[(region, index)] = value;
        return After(value);
    }

    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order)
    {
        var kind = Next(VmmCall.Load, (uint)region.Id, 0, order != MemoryOrder.Relaxed);
        if (kind == MistakeKind.LookLeftOut)
        {
            value = _known[(region, index)];
            return After(true);
        }

        return After(world.TryLoad(region, index, out value, kind == MistakeKind.Weakened ? MemoryOrder.Relaxed
            : order));
    }

    public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
        Write(VmmCall.Store, region, order, o => world.Store(region, index, value, o),
            () => handed.TryGiveStore(world, region, index, value));

    public void Fill(Region region, ulong first, ulong count, ulong value) =>
        Write(VmmCall.Fill, region, MemoryOrder.Relaxed, _ => world.Fill(region, first, count, value), () => false);

    public void Count(int ownEvent) => world.Count(ownEvent);

    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        Modify(VmmCall.Exchange, region, index, order, o => world.Exchange(region, index, value, o));

    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        Modify(VmmCall.CompareExchange, region, index, order,
            o => world.CompareExchange(region, index, expected, desired, o));

    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        Modify(VmmCall.FetchAnd, region, index, order, o => world.FetchAnd(region, index, mask, o));

    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        Modify(VmmCall.FetchOr, region, index, order, o => world.FetchOr(region, index, bits, o));

    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        Modify(VmmCall.FetchAdd, region, index, order, o => world.FetchAdd(region, index, addend, o));

    public void Fence()
    {
        if (Next(VmmCall.Fence, 0, 0, isOrdered: true) is null)
        {
            world.Fence();
        }

        After();
    }

    public void Checkpoint(int label, int line)
    {
        BeginRound(label);
        if (!plan.PutsOff)
        {
            world.Checkpoint(label, line);
            return;
        }

        var waits = Waits;
        world.Checkpoint(label, ref waits, line);
        Waits = waits;
    }

    public void Checkpoint(int label, ref ulong live, int line)
    {
        BeginRound(label);
        if (!plan.PutsOff)
        {
            world.Checkpoint(label, ref live, line);
            return;
        }

        var waits = Waits;
        world.Checkpoint(label, ref live, ref waits, line);
        Waits = waits;
    }

    public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line)
    {
        // No room to remember it: such a loop is not entered with a call put off.
        MakeGood();
        BeginRound(label);
        world.Checkpoint(label, ref live0, ref live1, line);
    }

    public long Ioctl(int vcpu, uint number, IoctlArgument argument)
    {
        var site = new VmmSite(operation, VmmCall.Ioctl, number, plan.OpOf(number, argument), 0);
        var kind = Next(VmmCall.Ioctl, number, site.Op);
        switch (kind)
        {
            case MistakeKind.LeftOut or MistakeKind.DroppedOnError:
                return After(0L);
            case MistakeKind.Twice:
                Make();
                return After(Make());
            case MistakeKind.AfterNext or MistakeKind.Last:
                PutOff(() => Make());
                return 0;
            case MistakeKind.OtherThread:
                return After(handed.TryGiveIoctl(world, vcpu, number, argument) ? 0L : Make());
            case MistakeKind.ResultIgnored:
                Make();
                return After(0L);
            case MistakeKind.NotRetried:
                var refused = Make();
                return After(MistakeRow.IsTransient((Errno)(-refused)) ? 0L : refused);
            default:
                var result = Make();
                After();
                _failed = result != 0;
                return result;
        }

        long Make()
        {
            var made = world.Ioctl(vcpu, number, argument);
            if (made != 0)
            {
                plan.Refused(site, made);
            }

            return made;
        }
    }

    public bool AddWaiter(Gfn gfn, Waiter waiter)
    {
        switch (Next(VmmCall.AddWaiter, 0, 0))
        {
            case MistakeKind.LeftOut or MistakeKind.DroppedOnError:
                return After(true);
            case MistakeKind.AfterNext or MistakeKind.Last:
                PutOff(() => world.AddWaiter(gfn, waiter));
                return true;
            case MistakeKind.ResultIgnored:
                world.AddWaiter(gfn, waiter);
                return After(true);
            default:
                var isWaiting = After(world.AddWaiter(gfn, waiter));
                _failed = !isWaiting;
                return isWaiting;
        }
    }

    public bool TakeWaiter(Gfn gfn, out Waiter waiter) => After(world.TakeWaiter(gfn, out waiter));

    public void ReportFault(int vcpu, Gfn gfn) => Do(VmmCall.ReportFault, 0, () => world.ReportFault(vcpu, gfn));

    public void WriteSeen(Gfn gfn)
    {
        world.WriteSeen(gfn);
        After();
    }

    public void SignalEventfd(int eventfd) => Do(VmmCall.SignalEventfd, 0, () => world.SignalEventfd(eventfd));

    public ulong ReadEventfd(int eventfd)
    {
        switch (Next(VmmCall.ReadEventfd, 0, 0))
        {
            case MistakeKind.LeftOut or MistakeKind.DroppedOnError:
                return After(1UL);
            case MistakeKind.AfterNext or MistakeKind.Last:
                PutOff(() => world.ReadEventfd(eventfd));
                return 1;
            default:
                return After(world.ReadEventfd(eventfd));
        }
    }

    public long UpdateMemslot(bool userfault)
    {
        var result = 0L;
        Do(VmmCall.UpdateMemslot, 0, () => result = world.UpdateMemslot(userfault));
        return result;
    }

    /// <summary>At the end of the operation nothing is put off any more.</summary>
    public void MakeGood()
    {
        var call = _putOff;
        _putOff = null;
        call?.Invoke();
    }

    /// <inheritdoc cref="MakeGood()"/>
    public T MakeGood<T>(T value)
    {
        MakeGood();
        return value;
    }

    /// <summary>A live word of every loop: whether the call that was put off before the loop is still to be made. A
    /// later round that is run again passes the place where it was put off, but not the one where it was
    /// made.</summary>
    private ulong Waits
    {
        get => _putOff is null ? 0UL : 1;
        set => _putOff = value == 0 ? null : _putOff;
    }

    private void BeginRound(int label)
    {
        _known.IsLaterRound(label);
        if (!_counts.IsLaterRound(label))
        {
            return;
        }

        if (_putOffWithin >= _counts.Loops)
        {
            // Put off within the round, from what the next one forgets.
            MakeGood();
        }

        if (++_rounds > MostRounds)
        {
            plan.GoesRound = true;
            throw new EncodingDefectException($"{operation}: loop {label} does not end");
        }
    }

    private void After()
    {
        if (!plan.WaitsForEnd)
        {
            MakeGood();
        }
    }

    private T After<T>(T value)
    {
        After();
        return value;
    }

    private void PutOff(Action call)
    {
        MakeGood();
        _putOff = call;
        _putOffWithin = _counts.Loops;
    }

    private MistakeKind? Next(VmmCall call, uint target, uint op, bool isOrdered = false)
    {
        var occurrence = _counts[(call, target, op)] + 1;
        _counts[(call, target, op)] = occurrence;
        var site = new VmmSite(operation, call, target, op, occurrence);
        if (!world.HasStopped)
        {
            plan.Reached(site, isOrdered, _failed, _before);
        }

        _before = site;
        _failed = false;
        return plan.At(site);
    }

    private void Do(VmmCall call, uint target, Action act)
    {
        switch (Next(call, target, 0))
        {
            case MistakeKind.LeftOut or MistakeKind.DroppedOnError:
                After();
                break;
            case MistakeKind.Twice:
                act();
                act();
                After();
                break;
            case MistakeKind.AfterNext or MistakeKind.Last:
                PutOff(act);
                break;
            default:
                act();
                After();
                break;
        }
    }

    private void Write(VmmCall call, Region region, MemoryOrder order, Action<MemoryOrder> write, Func<bool> tryGive)
    {
        switch (Next(call, (uint)region.Id, 0, order != MemoryOrder.Relaxed))
        {
            case MistakeKind.LeftOut or MistakeKind.DroppedOnError:
                After();
                break;
            case MistakeKind.AfterNext or MistakeKind.Last:
                PutOff(() => write(order));
                break;
            case MistakeKind.OtherThread when tryGive():
                After();
                break;
            case MistakeKind.Weakened:
                write(MemoryOrder.Relaxed);
                After();
                break;
            default:
                write(order);
                After();
                break;
        }
    }

    private ulong Modify(VmmCall call, Region region, ulong index, MemoryOrder order,
        Func<MemoryOrder, ulong> modify)
    {
        switch (Next(call, (uint)region.Id, 0, order != MemoryOrder.Relaxed))
        {
            case MistakeKind.LeftOut or MistakeKind.DroppedOnError:
                return After(world.Load(region, index, OfItsLoad(order)));
            case MistakeKind.AfterNext or MistakeKind.Last:
                var value = world.Load(region, index, OfItsLoad(order));
                PutOff(() => modify(order));
                return value;
            case MistakeKind.Twice:
                modify(order);
                return After(modify(order));
            case MistakeKind.Weakened:
                return After(modify(MemoryOrder.Relaxed));
            default:
                return After(modify(order));
        }
    }

    private static MemoryOrder OfItsLoad(MemoryOrder order) =>
        order is MemoryOrder.Relaxed or MemoryOrder.Release ? MemoryOrder.Relaxed : MemoryOrder.Acquire;
}
