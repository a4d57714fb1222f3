using System.Runtime.CompilerServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Ordering;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>
/// Runs the methods of an encoding one access at a time. A method that has to stop is left with worthless values until
/// it returns; its record of values returned so far is kept, and the next activation runs it again from the top,
/// answering from the record until it is past the place where it stopped. This is sound because a half is a pure
/// function of its arguments and the values it got (docs/contract.md, "Three worlds").
/// </summary>
internal partial class OperationWorld
{
    /// <summary>Accesses an operation may make without a checkpoint, unless the machine's shape says
    /// otherwise.</summary>
    public const int DefaultLogLimit = 384;

    private const int MaxOpenCheckpoints = 16;
    private const int MaxDummyAccesses = 10_000;

    private readonly Machine _machine;
    private readonly StepClock _clock;
    private readonly RegionStore[] _regions;
    private readonly bool _omniscient;
    private readonly int _logLimit;
    private readonly bool _copiesMayFail;
    private readonly bool _repeatsIoctls;
    private readonly bool _keepsKinds;
    private readonly bool _judgesKvm;
    private readonly ((int Label, int Line) Place, int Start, int Changes)[] _checkpoints =
        new ((int, int), int, int)[MaxOpenCheckpoints];

    private Operation _operation;
    private int _actor;
    private int _logBase;
    private int _cursor;
    private int _logged;
    private int _openCheckpoints;
    private int _dummies;
    private bool _progressed;
    private bool _stopped;
    private bool _onVmmSide;
    private bool _inIoctl;

    internal OperationWorld(Machine machine, StepClock clock, RegionStore[] regions, bool omniscient)
    {
        this._machine = machine;
        this._clock = clock;
        this._regions = regions;
        this._omniscient = omniscient;
        _logLimit = machine.Config.LogLimit;
        _keepsKinds = machine.Config.Renames;
        _judgesKvm = machine.Config.JudgesKvm;
        _repeatsIoctls = machine.Config.Environment.RepeatedIoctls > 0;
        _copiesMayFail = machine.Config.Environment.FailedCopies > 0;
    }

    /// <summary>Whether the current activation has stopped and everything it returns is worthless.</summary>
    public bool Stopped => _stopped;

    /// <summary>Whether it stopped within an ioctl of the VMM's half.</summary>
    public bool StoppedInIoctl { get; private set; }

    internal void Begin(int actor, Operation operation, bool onVmmSide)
    {
        _failed = false;
        ref var state = ref _machine.Actors[actor];
        this._actor = actor;
        this._operation = operation;
        this._onVmmSide = onVmmSide;
        _logBase = actor * _logLimit;
        _logged = state.InOperation ? state.LogWords : 0;
        _cursor = 0;
        _openCheckpoints = 0;
        _dummies = 0;
        _progressed = false;
        _stopped = false;
        _isInIoctl = false;
        StoppedInIoctl = false;
        _inIoctl = false;
    }

    /// <summary>Whether a listener wants to know what the halves are given.</summary>
    internal bool IsViewed => _machine.View is not null;

    /// <summary>The activation begun last is the first of its operation: these are its arguments.</summary>
    internal void ViewArguments<TArgument>(TArgument argument)
    {
        if (_logged == 0 && !_machine.Actors[_actor].InOperation)
        {
            _machine.View!.Begun(!_onVmmSide, _actor, _operation, Invariant($"{argument}"));
        }
    }

    /// <summary>Ends an activation; true if the operation is complete.</summary>
    internal bool End()
    {
        ref var state = ref _machine.Actors[_actor];
        if (!_stopped && !_onVmmSide && _judgesKvm && _actor < _machine.Config.Vcpus)
        {
            _machine.Apf.ReportLeaks(_actor);
        }

        if (!_stopped && !_failed)
        {
            TryTokens();
        }

        Again = null;
        state.InOperation = _stopped;
        state.LogWords = _stopped ? _logged : 0;
        return !_stopped;
    }

    /// <summary>Exceptions out of a method that runs on worthless values mean nothing; any other is the encoding's
    /// defect. Where KVM's half is judged the operation ends there, as if nothing had come of it: what follows is of no
    /// interest. So does one of a VMM that is its own enemy.</summary>
    internal void Absorb(Exception e)
    {
        if (_stopped)
        {
            return;
        }

        _failed = true;
        // the process's, not the kernel's
        var isOurLimit = e is OutOfMemoryException or InsufficientExecutionStackException;
        if (_judgesKvm && _machine.SharedMemory.IsOn && !isOurLimit
            && (!_onVmmSide || _machine.Config.Environment.HostileActs > 0))
        {
            _machine.Listener?.Report(_operation, !_onVmmSide,
                $"{(_onVmmSide ? "the VMM's" : "KVM's")} half fails: {(e is EncodingDefectException
                    ? e.Message : $"{_operation}: {e.GetType().Name}: {e.Message}")}", e);
            if (!_onVmmSide)
            {
                _machine.Violate(ViolationKind.KvmDefect, _actor < _machine.Config.Vcpus ? _actor : -1, 0);
            }

            return;
        }

        if (e is EncodingDefectException)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e);
        }

        throw new EncodingDefectException($"{_operation}: {e.GetType().Name}: {e.Message}", e);
    }

    /// <summary>Takes a recorded value, if the activation is still catching up.</summary>
    private bool TryReplay(out ulong value)
    {
        if (_cursor < _logged)
        {
            value = _machine.Log[_logBase + _cursor++];
            return true;
        }

        _stopped |= _notes is not null; // a repetition asks for more than it was given
        value = 0;
        return false;
    }

    /// <summary>The scheduling point before an access. False: the access does not happen now.</summary>
    private bool MayGoOn(Cost cost)
    {
        if (_stopped)
        {
            if (++_dummies > MaxDummyAccesses)
            {
                throw new OperationCanceledException("method does not return on worthless values");
            }

            return false;
        }

        if (_progressed && _clock.PastHorizon)
        {
            _stopped = true;
            StoppedInIoctl = _inIoctl;
            return false;
        }

        _progressed = true;
        _clock.Spend(cost);
        return true;
    }

    /// <summary>Whether a service is performed in this activation: it is not answered from the record, and does not
    /// stop here.</summary>
    private bool Performs(Cost cost, out ulong recorded) => !TryReplay(out recorded) && MayGoOn(cost);

    private bool Performs(Cost cost) => Performs(cost, out _);

    /// <summary>The same for a service of the kernel that other threads see, and that orders the caller's
    /// accesses.</summary>
    private bool PerformsInSight(Cost cost, out ulong recorded)
    {
        if (!Performs(cost, out recorded))
        {
            return false;
        }

        _machine.Footprint.IsVisible = true;
        _machine.SharedMemory.Fence(_actor);
        return true;
    }

    private bool PerformsInSight(Cost cost) => PerformsInSight(cost, out _);

    /// <summary>A service was performed: records its result and tells the listener.</summary>
    private ulong Done(
        ulong value,
        [InterpolatedStringHandlerArgument("")] ref StepMessageHandler what,
        RecordKind kind = default)
    {
        Record(value, kind);
        Report(ref what);
        return value;
    }

    private void Done([InterpolatedStringHandlerArgument("")] ref StepMessageHandler what) => Done(0, ref what);

    /// <summary>Whether a listener wants to know what happens in words.</summary>
    internal bool IsHeard => _machine.Listener is not null;

    private void Report([InterpolatedStringHandlerArgument("")] ref StepMessageHandler what)
    {
        if (IsHeard)
        {
            _machine.Listener!.Report(_operation, !_onVmmSide, what.ToString());
        }
    }

    /// <summary>Tells the listener of a write of the VMM's to a word that KVM sees too.</summary>
    private void Acted(RegionStore store, ulong index, AtomicOpKind? how, ulong operand, ulong expected,
        MemoryOrder order)
    {
        if (IsHeard && _onVmmSide && store.Owner == RegionOwner.Shared)
        {
            _machine.Listener!.Acted(new VmmAct.Write(store.Spec, index, how, operand, expected, order));
        }
    }

    private static string Hex(ulong value) =>
        "0x" + value.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    private static string Name(AtomicOpKind how) => how switch
    {
        AtomicOpKind.Exchange => "xchg",
        AtomicOpKind.CompareExchange => "cmpxchg",
        AtomicOpKind.And => "fetch_and",
        AtomicOpKind.Or => "fetch_or",
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
        if (_logged == _logLimit)
        {
            throw new EncodingDefectException($"{_operation}: more than {_logLimit} accesses without a Checkpoint");
        }

        if (_keepsKinds)
        {
            _machine.LogKinds[_logBase + _logged] = kind;
        }

        _machine.View?.Given(!_onVmmSide, _actor, value);
        _machine.Log[_logBase + _logged++] = value;
        _cursor = _logged;
        return value;
    }

    private void Defect(string what) => throw new EncodingDefectException($"{_operation}: {what}");

    /// <summary>The frame that a half names.</summary>
    internal ulong FrameOf(Gfn gfn) => _machine.FrameOf(gfn);

    /// <summary>The region, and the place of a word of it among those that the machine has.</summary>
    private RegionStore Store(Region region, ref ulong index)
    {
        if ((uint)region.Id >= (uint)_regions.Length)
        {
            Defect($"region {region.Id} is not declared");
        }

        var store = _regions[region.Id];
        if (_onVmmSide ? store.Owner == RegionOwner.KvmPrivate : store.Owner == RegionOwner.VmmPrivate)
        {
            Defect($"region {store.Name} belongs to the other half");
        }

        var place = unchecked(index - store.First);
        if (place >= store.Words)
        {
            Defect($"index {index} is outside region {store.Name} of {store.First + store.Words} words");
        }

        index = place;
        return store;
    }

    internal ulong Load(Region region, ulong index, MemoryOrder order)
    {
        var given = index;
        if (Performs(Cost.SharedAccess, out var value))
        {
            var store = Count(Store(region, ref index), index, writes: false);
            value = _machine.SharedMemory.Load(_actor, store, index, order);
            Done(value, $"load {store.Name}[{store.First + index}] = {Hex(value)}{Words(order)}", store.KindOf(index));
        }

        NoteLoad(region, given, value);
        return value;
    }

    internal bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order)
    {
        var fails = _copiesMayFail && CopyFails(region, index);
        value = fails ? 0 : Load(region, index, order);
        return !fails;
    }

    /// <summary>Whether the environment makes a read of userspace memory fail; recorded before the value
    /// itself.</summary>
    private bool CopyFails(Region region, ulong index)
    {
        if (TryReplay(out var failed))
        {
            return failed != 0;
        }

        if (_stopped)
        {
            return false;
        }

        failed = _machine.Vm.CopyFailuresLeft > 0
            ? (ulong)_machine.Choices.Choose(ChoiceKind.FailedCopy, (ulong)_actor, 2) : 0;
        if (failed != 0)
        {
            _machine.Vm.CopyFailuresLeft--;
            if (_actor < _machine.Config.Vcpus)
            {
                _machine.Vcpus[_actor].Transient = true;
            }
        }

        Record(failed);
        if (failed != 0)
        {
            Report($"load {Place(region, index)?.Name ?? "nothing"}[{index}] fails: it is not readable");
        }

        return failed != 0;
    }

    internal void Write(Region region, ulong index, ulong value, MemoryOrder order)
    {
        var given = index;
        if (Performs(Cost.SharedAccess))
        {
            var store = Count(Store(region, ref index), index, writes: true);
            NoteBlindStore(store, index, value);
            _machine.SharedMemory.Store(_actor, store, index, value, order);
            Done($"store {store.Name}[{store.First + index}] := {Hex(value)}{Words(order)}");
            Acted(store, given, null, value, 0, order);
        }

        NoteStore(region, given, value);
    }

    internal ulong Modify(Region region, ulong index, AtomicOpKind how, ulong operand, MemoryOrder order,
        ulong expected = 0)
    {
        var change = new AtomicOp(how, operand, expected);
        if (TryReplay(out var old))
        {
            NoteModify(region, index, old, change);
            return old;
        }

        if (!MayGoOn(Cost.SharedAccess))
        {
            return expected; // lets a compare-exchange loop end on worthless values
        }

        var given = index;
        var store = Count(Store(region, ref index), index, writes: true);
        old = _machine.SharedMemory.Modify(_actor, store, index, order, change);
        NoteModify(region, given, old, change);
        Acted(store, given, how, operand, expected, order);
        return Done(
            old,
            $"{Name(how)} {store.Name}[{store.First + index}] with {Hex(operand)}: {Hex(old)} -> "
                + $"{Hex(store.Read(index))}{Words(order)}",
            store.KindOf(index));
    }

    internal void Fence()
    {
        if (Performs(Cost.SharedAccess))
        {
            _machine.SharedMemory.Fence(_actor);
            Done($"full barrier");
        }
    }

    /// <summary>It is recorded, so that an activation that catches up does not count it again.</summary>
    internal void Count(int ownEvent)
    {
        if (_machine.OwnEvents is { } counts && (uint)ownEvent < (uint)counts.Length && !TryReplay(out _) && !_stopped)
        {
            Record(0);
            counts[ownEvent]++;
        }
    }

    internal void Fill(Region region, ulong first, ulong count, ulong value)
    {
        if (count == 0 || !Performs(Cost.SharedAccess))
        {
            return;
        }

        _machine.Footprint.IsVisible = true;
        NoteFill(region, first, count, value);
        var last = checked(first + count - 1);
        var store = Store(region, ref last);
        Store(region, ref first);
        if (_machine.Config.Order == MemoryOrdering.Sc)
        {
            store.Fill(first, count, value);
        }
        else
        {
            for (var i = first; i < first + count; i++)
            {
                _machine.SharedMemory.Store(_actor, store, i, value, MemoryOrder.Relaxed);
            }
        }

        Done($"fill {store.Name}[{store.First + first}..{store.First + last}]");
        if (IsHeard && _onVmmSide && store.Owner == RegionOwner.Shared)
        {
            _machine.Listener!.Acted(new VmmAct.Fill(store.Spec, store.First + first, count, value));
        }
    }

    /// <summary>See <see cref="IMemory.Checkpoint(int, int)"/>: drops what was recorded since the loop was entered, and
    /// keeps the live words.</summary>
    internal void Checkpoint((int Label, int Line) place, int words, ref ulong live0, ref ulong live1)
    {
        if (_stopped)
        {
            MayGoOn(Cost.SharedAccess);
            return;
        }

        if (_cursor < _logged)
        {
            OpenCheckpoint(place, _cursor);
            if (words > 0)
            {
                live0 = _machine.Log[_logBase + _cursor++];
            }

            if (words > 1)
            {
                live1 = _machine.Log[_logBase + _cursor++];
            }

            _cursor += words == 0 ? 1 : 0;
            return;
        }

        if (_notes is not null)
        {
            Note((ulong)words, live0, live1); // what the loop carries on is what a repetition leads to
            _stopped = true;
            return;
        }

        for (var i = _openCheckpoints - 1; i >= 0; i--)
        {
            if (_checkpoints[i].Place == place)
            {
                TryTokens(live0, live1);
                DropChanges(_checkpoints[i].Changes);
                _logged = _checkpoints[i].Start;
                _openCheckpoints = i;
                break;
            }
        }

        OpenCheckpoint(place, _logged);
        Record(words > 0 ? live0 : 0, words > 0 ? RecordKind.Opaque : default);
        if (words > 1)
        {
            Record(live1, RecordKind.Opaque);
        }
    }

    internal void Checkpoint((int Label, int Line) place)
    {
        ulong none = 0;
        Checkpoint(place, 0, ref none, ref none);
    }

    internal void Checkpoint((int Label, int Line) place, ref ulong live)
    {
        ulong none = 0;
        Checkpoint(place, 1, ref live, ref none);
    }

    private void OpenCheckpoint((int Label, int Line) place, int start)
    {
        if (_openCheckpoints == MaxOpenCheckpoints)
        {
            Defect("checkpoints nested too deep");
        }

        _checkpoints[_openCheckpoints++] = (place, start, _changes.Count);
    }

    internal int ApfLimit => _machine.Config.ApfLimit;

    internal void SignalEventfd(int eventfd)
    {
        if (PerformsInSight(Cost.SharedAccess))
        {
            _machine.Eventfds.Signal(eventfd);
            Done($"signal eventfd {eventfd}");
        }

        NoteDone("signals an eventfd");
    }

    internal ulong ReadEventfd(int eventfd)
    {
        if (PerformsInSight(Cost.SharedAccess, out var value))
        {
            value = _machine.Eventfds.Read(eventfd);
            Done(value, $"read eventfd {eventfd} = {value}");
        }

        return value;
    }

    private RegionStore Count(RegionStore store, ulong index, bool writes)
    {
        if (store.Owner == RegionOwner.Shared)
        {
            _machine.SharedAccesses++;
        }

        _machine.Footprint.OfWord(store, index, _actor);
        _machine.Driver.Touches(store.LineOf(index), writes);
        return store;
    }
}

/// <summary>Kinds of read-modify-write.</summary>
internal enum AtomicOpKind : byte { Exchange, CompareExchange, And, Or, Add }

/// <summary>A read-modify-write.</summary>
internal readonly record struct AtomicOp(AtomicOpKind How, ulong Operand, ulong Expected)
{
    public ulong Of(ulong value) => How switch
    {
        AtomicOpKind.Exchange => Operand,
        AtomicOpKind.CompareExchange => value == Expected ? Operand : value,
        AtomicOpKind.And => value & Operand,
        AtomicOpKind.Or => value | Operand,
        _ => value + Operand,
    };
}
