using System.Runtime.CompilerServices;
using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>
/// Runs the methods of an encoding one access at a time. A method that has to stop is left with worthless values until
/// it returns; its record of values returned so far is kept, and the next activation runs it again from the top,
/// answering from the record until it is past the place where it stopped. This is sound because a half is a pure
/// function of its arguments and the values it got (docs/contract.md, "stopping").
/// </summary>
internal sealed partial class OperationWorld
{
    /// <summary>Accesses an operation may make without a checkpoint, unless the machine's shape says otherwise.</summary>
    public const int DefaultLogLimit = 384;

    private const int MaxOpenCheckpoints = 16;
    private const int MaxWorthlessAccesses = 10_000;

    private readonly Machine machine;
    private readonly Pace pace;
    private readonly RegionStore[] regions;
    private readonly bool omniscient;
    private readonly int logLimit;
    private readonly bool copiesMayFail;
    private readonly bool repeatsIoctls;
    private readonly bool keepsKinds;
    private readonly bool judgesKvm;
    private readonly (int Label, int Start)[] checkpoints = new (int, int)[MaxOpenCheckpoints];

    private Operation operation;
    private int actor;
    private int logBase;
    private int cursor;
    private int logged;
    private int openCheckpoints;
    private int worthless;
    private bool progressed;
    private bool stopped;
    private bool onVmmSide;

    internal OperationWorld(Machine machine, Pace pace, RegionStore[] regions, bool omniscient)
    {
        this.machine = machine;
        this.pace = pace;
        this.regions = regions;
        this.omniscient = omniscient;
        logLimit = machine.Shape.LogLimit;
        keepsKinds = machine.Shape.Renames;
        judgesKvm = machine.Shape.JudgesKvm;
        repeatsIoctls = machine.Shape.Environment.RepeatedIoctls > 0;
        copiesMayFail = machine.Shape.Environment.FailedCopies > 0;
    }

    /// <summary>Whether the current activation has stopped and everything it returns is worthless.</summary>
    public bool Stopped => stopped;

    internal void Begin(int actor, Operation operation, bool onVmmSide)
    {
        ref var state = ref machine.Actors[actor];
        this.actor = actor;
        this.operation = operation;
        this.onVmmSide = onVmmSide;
        logBase = actor * logLimit;
        logged = state.InOperation ? state.LogWords : 0;
        cursor = 0;
        openCheckpoints = 0;
        worthless = 0;
        progressed = false;
        stopped = false;
    }

    /// <summary>Whether a listener wants to know what the halves are given.</summary>
    internal bool IsViewed => machine.View is not null;

    /// <summary>The activation begun last is the first of its operation: these are its arguments.</summary>
    internal void ViewArguments<TArgument>(TArgument argument)
    {
        if (logged == 0 && !machine.Actors[actor].InOperation)
        {
            machine.View!.Begun(!onVmmSide, actor, operation, Invariant($"{argument}"));
        }
    }

    /// <summary>Ends an activation; true if the operation is complete.</summary>
    internal bool End()
    {
        ref var state = ref machine.Actors[actor];
        if (!stopped && !onVmmSide && judgesKvm && actor < machine.Shape.Vcpus)
        {
            machine.Apf.ReportLeaks(actor);
        }

        state.InOperation = stopped;
        state.LogWords = stopped ? logged : 0;
        return !stopped;
    }

    /// <summary>Exceptions out of a method that runs on worthless values mean nothing; any other is the encoding's defect. Where KVM's half
    /// is judged the operation ends there, as if nothing had come of it: what follows is of no interest. So does one of a VMM that is
    /// its own enemy.</summary>
    internal void Absorb(Exception e)
    {
        if (stopped)
        {
            return;
        }

        var isOurLimit = e is OutOfMemoryException or InsufficientExecutionStackException; // the process's, not the kernel's
        if (judgesKvm && machine.Words.IsOn && !isOurLimit && (!onVmmSide || machine.Shape.Environment.HostileActs > 0))
        {
            machine.Listener?.Tell(operation, !onVmmSide,
                $"{(onVmmSide ? "the VMM's" : "KVM's")} half fails: {(e is EncodingDefectException ? e.Message : $"{operation}: {e.GetType().Name}: {e.Message}")}", e);
            if (!onVmmSide)
            {
                machine.Violate(ViolationKind.KvmDefect, actor < machine.Shape.Vcpus ? actor : -1, 0);
            }

            return;
        }

        if (e is EncodingDefectException)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e);
        }

        throw new EncodingDefectException($"{operation}: {e.GetType().Name}: {e.Message}", e);
    }

    /// <summary>Takes a recorded value, if the activation is still catching up.</summary>
    private bool TryReplay(out ulong value)
    {
        if (cursor < logged)
        {
            value = machine.Log[logBase + cursor++];
            return true;
        }

        value = 0;
        return false;
    }

    /// <summary>The scheduling point before an access. False: the access does not happen now.</summary>
    private bool MayGoOn(Cost cost)
    {
        if (stopped)
        {
            if (++worthless > MaxWorthlessAccesses)
            {
                throw new OperationCanceledException("method does not return on worthless values");
            }

            return false;
        }

        if (progressed && pace.PastHorizon)
        {
            stopped = true;
            return false;
        }

        progressed = true;
        pace.Spend(cost);
        return true;
    }

    /// <summary>Whether a service is performed in this activation: it is not answered from the record, and does not stop here.</summary>
    private bool Performs(Cost cost, out ulong recorded) => !TryReplay(out recorded) && MayGoOn(cost);

    private bool Performs(Cost cost) => Performs(cost, out _);

    /// <summary>The same for a service of the kernel that other threads see, and that orders the caller's accesses.</summary>
    private bool PerformsInSight(Cost cost, out ulong recorded)
    {
        if (!Performs(cost, out recorded))
        {
            return false;
        }

        machine.Footprint.Noticed = true;
        machine.Words.Fence(actor);
        return true;
    }

    private bool PerformsInSight(Cost cost) => PerformsInSight(cost, out _);

    /// <summary>A service was performed: records its result and tells the listener.</summary>
    private ulong Done(
        ulong value,
        [InterpolatedStringHandlerArgument("")] ref Telling what,
        RecordKind kind = default)
    {
        Record(value, kind);
        Tell(ref what);
        return value;
    }

    private void Done([InterpolatedStringHandlerArgument("")] ref Telling what) => Done(0, ref what);

    /// <summary>Whether a listener wants to know what happens in words.</summary>
    internal bool IsHeard => machine.Listener is not null;

    private void Tell([InterpolatedStringHandlerArgument("")] ref Telling what)
    {
        if (IsHeard)
        {
            machine.Listener!.Tell(operation, !onVmmSide, what.ToString());
        }
    }

    private static string Hex(ulong value) => "0x" + value.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    private static string Name(Modification how) => how switch
    {
        Modification.Exchange => "xchg",
        Modification.CompareExchange => "cmpxchg",
        Modification.And => "fetch_and",
        Modification.Or => "fetch_or",
        _ => "fetch_add",
    };

    private static string Words(MemoryOrder order) => order switch
    {
        MemoryOrder.Relaxed => "",
        MemoryOrder.Acquire => " (acquire)",
        MemoryOrder.Release => " (release)",
        MemoryOrder.AcquireRelease => " (acquire, release)",
        _ => " (seq_cst)",
    };

    private ulong Record(ulong value, RecordKind kind = default)
    {
        if (logged == logLimit)
        {
            throw new EncodingDefectException($"{operation}: more than {logLimit} accesses without a Checkpoint");
        }

        if (keepsKinds)
        {
            machine.LogKinds[logBase + logged] = kind;
        }

        machine.View?.Given(!onVmmSide, actor, value);
        machine.Log[logBase + logged++] = value;
        cursor = logged;
        return value;
    }

    private void Defect(string what) => throw new EncodingDefectException($"{operation}: {what}");

    private RegionStore Store(Region region, ulong index)
    {
        if ((uint)region.Id >= (uint)regions.Length)
        {
            Defect($"region {region.Id} is not declared");
        }

        var store = regions[region.Id];
        if (onVmmSide ? store.Owner == RegionOwner.KvmPrivate : store.Owner == RegionOwner.VmmPrivate)
        {
            Defect($"region {store.Name} belongs to the other half");
        }

        if (index >= store.Words)
        {
            Defect($"index {index} is outside region {store.Name} of {store.Words} words");
        }

        return store;
    }

    internal ulong Load(Region region, ulong index, MemoryOrder order)
    {
        if (Performs(Cost.SharedAccess, out var value))
        {
            var store = Count(Store(region, index), index);
            value = machine.Words.Load(actor, store, index, order);
            Done(value, $"load {store.Name}[{index}] = {Hex(value)}{Words(order)}", store.KindOf(index));
        }

        return value;
    }

    internal bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order)
    {
        var fails = copiesMayFail && CopyFails();
        value = fails ? 0 : Load(region, index, order);
        return !fails;
    }

    /// <summary>Whether the environment makes a read of userspace memory fail; recorded before the value itself.</summary>
    private bool CopyFails()
    {
        if (TryReplay(out var failed))
        {
            return failed != 0;
        }

        if (stopped)
        {
            return false;
        }

        failed = machine.Vm.CopyFailuresLeft > 0 ? (ulong)machine.Choices.Choose(ChoiceKind.FailedCopy, (ulong)actor, 2) : 0;
        if (failed != 0)
        {
            machine.Vm.CopyFailuresLeft--;
            if (actor < machine.Shape.Vcpus)
            {
                machine.Vcpus[actor].Transient = true;
            }
        }

        Record(failed);
        return failed != 0;
    }

    internal void Write(Region region, ulong index, ulong value, MemoryOrder order)
    {
        if (Performs(Cost.SharedAccess))
        {
            var store = Count(Store(region, index), index);
            machine.Words.Store(actor, store, index, value, order);
            Done($"store {store.Name}[{index}] := {Hex(value)}{Words(order)}");
        }
    }

    internal ulong Modify(Region region, ulong index, Modification how, ulong operand, MemoryOrder order, ulong expected = 0)
    {
        if (TryReplay(out var old))
        {
            return old;
        }

        if (!MayGoOn(Cost.SharedAccess))
        {
            return expected; // lets a compare-exchange loop end on worthless values
        }

        var store = Count(Store(region, index), index);
        old = machine.Words.Modify(actor, store, index, order, new(how, operand, expected));
        return Done(
            old,
            $"{Name(how)} {store.Name}[{index}] with {Hex(operand)}: {Hex(old)} -> {Hex(store.Read(index))}{Words(order)}",
            store.KindOf(index));
    }

    internal void Fence()
    {
        if (Performs(Cost.SharedAccess))
        {
            machine.Words.Fence(actor);
            Done($"full barrier");
        }
    }

    internal void Fill(Region region, ulong first, ulong count, ulong value)
    {
        if (count == 0 || !Performs(Cost.SharedAccess))
        {
            return;
        }

        machine.Footprint.Noticed = true;
        var store = Store(region, checked(first + count - 1));
        if (machine.Shape.Order == MemoryOrdering.Sc)
        {
            store.Fill(first, count, value);
        }
        else
        {
            for (var i = first; i < first + count; i++)
            {
                machine.Words.Store(actor, store, i, value, MemoryOrder.Relaxed);
            }
        }

        Done($"fill {store.Name}[{first}..{first + count - 1}]");
    }

    /// <summary>See <see cref="IMemory.Checkpoint(int)"/>: drops what was recorded since the loop was entered, and keeps the live words.</summary>
    internal void Checkpoint(int label, int words, ref ulong live0, ref ulong live1)
    {
        if (stopped)
        {
            MayGoOn(Cost.SharedAccess);
            return;
        }

        if (cursor < logged)
        {
            OpenCheckpoint(label, cursor);
            if (words > 0)
            {
                live0 = machine.Log[logBase + cursor++];
            }

            if (words > 1)
            {
                live1 = machine.Log[logBase + cursor++];
            }

            cursor += words == 0 ? 1 : 0;
            return;
        }

        for (var i = openCheckpoints - 1; i >= 0; i--)
        {
            if (checkpoints[i].Label == label)
            {
                logged = checkpoints[i].Start;
                openCheckpoints = i;
                break;
            }
        }

        OpenCheckpoint(label, logged);
        Record(words > 0 ? live0 : 0, words > 0 ? RecordKind.Opaque : default);
        if (words > 1)
        {
            Record(live1, RecordKind.Opaque);
        }
    }

    internal void Checkpoint(int label)
    {
        ulong none = 0;
        Checkpoint(label, 0, ref none, ref none);
    }

    internal void Checkpoint(int label, ref ulong live)
    {
        ulong none = 0;
        Checkpoint(label, 1, ref live, ref none);
    }

    private void OpenCheckpoint(int label, int start)
    {
        if (openCheckpoints == MaxOpenCheckpoints)
        {
            Defect("checkpoints nested too deep");
        }

        checkpoints[openCheckpoints++] = (label, start);
    }

    internal int ApfLimit => machine.Shape.ApfLimit;

    internal void SignalEventfd(int eventfd)
    {
        if (PerformsInSight(Cost.SharedAccess))
        {
            machine.Eventfds.Signal(eventfd);
            Done($"signal eventfd {eventfd}");
        }
    }

    internal ulong ReadEventfd(int eventfd)
    {
        if (PerformsInSight(Cost.SharedAccess, out var value))
        {
            value = machine.Eventfds.Read(eventfd);
            Done(value, $"read eventfd {eventfd} = {value}");
        }

        return value;
    }

    private RegionStore Count(RegionStore store, ulong index)
    {
        if (store.Owner == RegionOwner.Shared)
        {
            machine.SharedAccesses++;
        }

        machine.Footprint.OfWord(store, index, actor);

        return store;
    }
}

/// <summary>Kinds of read-modify-write.</summary>
internal enum Modification : byte { Exchange, CompareExchange, And, Or, Add }

/// <summary>A read-modify-write.</summary>
internal readonly record struct Change(Modification How, ulong Operand, ulong Expected)
{
    public ulong Of(ulong value) => How switch
    {
        Modification.Exchange => Operand,
        Modification.CompareExchange => value == Expected ? Operand : value,
        Modification.And => value & Operand,
        Modification.Or => value | Operand,
        _ => value + Operand,
    };
}
