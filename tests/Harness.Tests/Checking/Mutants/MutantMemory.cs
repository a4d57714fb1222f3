using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Tests.Checking.Mutants;

/// <summary>The memory that one call of an operation sees: the world's, but for what the plan does to an access. It is
/// made anew for each call, and what it holds follows from what the call read, so a half that uses it remains a pure
/// function.</summary>
internal sealed class MutantMemory<TWorld>(TWorld world, IMutationPlan plan, HalfOperation operation)
    where TWorld : struct, IMemory
{
    /// <summary>While the machine is set up a call goes on until it returns, since nobody else runs; one that waits for
    /// somebody else would never come back. Later a call is stopped long before.</summary>
    private const int MostRounds = 1_000;

    private readonly CallSites _sites = new(operation);
    private Action? _putOff;
    private int _putOffWithin;
    private int _rounds;

    public ulong Load(Region region, ulong index, MemoryOrder order) => Next(AccessVerb.Load, region, order) switch
    {
        MutantKind.Dropped => After(0UL),
        MutantKind.Weakened => After(world.Load(region, index, MemoryOrder.Relaxed)),
        _ => After(world.Load(region, index, order)),
    };

    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order)
    {
        switch (Next(AccessVerb.Load, region, order))
        {
            case MutantKind.Dropped:
                value = 0;
                return After(true);
            case MutantKind.Weakened:
                return After(world.TryLoad(region, index, out value, MemoryOrder.Relaxed));
            default:
                return After(world.TryLoad(region, index, out value, order));
        }
    }

    public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
        Write(AccessVerb.Store, region, order, o => world.Store(region, index, value, o));

    public void Fill(Region region, ulong first, ulong count, ulong value) =>
        Write(AccessVerb.Fill, region, MemoryOrder.Relaxed, _ => world.Fill(region, first, count, value));

    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        Modify(AccessVerb.Exchange, region, index, order, o => world.Exchange(region, index, value, o));

    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        Modify(AccessVerb.CompareExchange, region, index, order,
            o => world.CompareExchange(region, index, expected, desired, o));

    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        Modify(AccessVerb.And, region, index, order, o => world.FetchAnd(region, index, mask, o));

    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        Modify(AccessVerb.Or, region, index, order, o => world.FetchOr(region, index, bits, o));

    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        Modify(AccessVerb.Add, region, index, order, o => world.FetchAdd(region, index, addend, o));

    public void Fence()
    {
        if (Next(AccessVerb.Fence, default, MemoryOrder.SequentiallyConsistent) is null)
        {
            world.Fence();
        }

        After();
    }

    public void Checkpoint(int label, int line = 0)
    {
        BeginRound(label);
        if (!plan.Delays)
        {
            world.Checkpoint(label, line);
            return;
        }

        ulong waits = Waits;
        world.Checkpoint(label, ref waits, line);
        Waits = waits;
    }

    public void Checkpoint(int label, ref ulong live, int line = 0)
    {
        BeginRound(label);
        if (!plan.Delays)
        {
            world.Checkpoint(label, ref live, line);
            return;
        }

        ulong waits = Waits;
        world.Checkpoint(label, ref live, ref waits, line);
        Waits = waits;
    }

    public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line = 0)
    {
        // No room to remember it: such a loop is not entered with a write put off.
        After();
        BeginRound(label);
        world.Checkpoint(label, ref live0, ref live1, line);
    }

    /// <summary>After each access, and at the end of the call: what was put off is done now.</summary>
    public void After()
    {
        var write = _putOff;
        _putOff = null;
        write?.Invoke();
    }

    /// <inheritdoc cref="After()"/>
    public T After<T>(T value)
    {
        After();
        return value;
    }

    /// <summary>A live word of every loop: whether the write that was put off before the loop is still to be done. A
    /// later round that is run again passes the place where it was put off, but not the one where it was
    /// done.</summary>
    private ulong Waits
    {
        get => _putOff is null ? 0UL : 1;
        set => _putOff = value == 0 ? null : _putOff;
    }

    private void BeginRound(int label)
    {
        if (!_sites.IsLaterRound(label))
        {
            return;
        }

        if (_putOffWithin >= _sites.Loops)
        {
            // Put off within the round, from what the next one forgets.
            After();
        }

        if (++_rounds > MostRounds)
        {
            throw new EncodingDefectException($"{operation.Operation}: loop {label} does not end");
        }
    }

    private void PutOff(Action write)
    {
        _putOff = write;
        _putOffWithin = _sites.Loops;
    }

    private MutantKind? Next(AccessVerb verb, Region region, MemoryOrder order) =>
        plan.At(_sites.Next(verb, region), order);

    private void Write(AccessVerb verb, Region region, MemoryOrder order, Action<MemoryOrder> write)
    {
        switch (Next(verb, region, order))
        {
            case MutantKind.Dropped:
                After();
                break;
            case MutantKind.Delayed:
                After();
                PutOff(() => write(order));
                break;
            case MutantKind.Weakened:
                write(MemoryOrder.Relaxed);
                After();
                break;
            default:
                write(order);
                After();
                break;
        }
    }

    private ulong Modify(AccessVerb verb, Region region, ulong index, MemoryOrder order, Func<MemoryOrder,
        ulong> modify)
    {
        switch (Next(verb, region, order))
        {
            case MutantKind.Dropped:
                return After(world.Load(region, index, OfItsLoad(order)));
            case MutantKind.Delayed:
                var value = After(world.Load(region, index, OfItsLoad(order)));
                PutOff(() => modify(order));
                return value;
            case MutantKind.Weakened:
                return After(modify(MemoryOrder.Relaxed));
            default:
                return After(modify(order));
        }
    }

    private static MemoryOrder OfItsLoad(MemoryOrder order) =>
        order is MemoryOrder.Relaxed or MemoryOrder.Release ? MemoryOrder.Relaxed : MemoryOrder.Acquire;
}
