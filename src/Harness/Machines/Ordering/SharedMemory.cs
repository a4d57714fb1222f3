using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Ordering;

/// <summary>
/// The words of the encoding and the content of the pages as the threads see them: under
/// <see cref="MemoryOrdering.Sc"/> one value for all; otherwise stores wait in their thread's buffer, and under
/// <see cref="MemoryOrdering.Weak"/> a load may find a value that is newer for others already. What is kept of the past
/// is only how many values behind each thread may still be, word by word, and the order in which values became visible.
/// </summary>
internal sealed class SharedMemory
{
    internal const int BufferPlaces = 10;
    private const int Depth = 12;

    private readonly Machine _machine;
    private readonly MemoryOrdering _ordering;
    private readonly RegionStore[] _regions;
    private readonly int _contentBase;
    private readonly int _locations;
    private readonly int _readers;
    private readonly Section<Buffered> _buffers;

    /// <summary>How far behind each reader may be at each word. After the threads come the mappings: who reaches a page
    /// through one knows of its content at least what the thread knew that installed it.</summary>
    private readonly Section<byte> _lags;
    private readonly Section<OldValue> _past;

    /// <summary>How far behind the last reader is at each word: so many old values are kept. At most words nobody
    /// is.</summary>
    private readonly Section<byte> _depths;
    private readonly Section<int> _stamps;

    /// <summary>When each thread's last release store became visible: its later acquire loads see what came before
    /// (RCsc).</summary>
    private readonly Section<int> _released;

    /// <summary>The latest of what each vCPU has loaded since its fault began: what KVM decides on it, and so the
    /// mapping it installs, depends on that by control, and a walk and the access behind it by address.</summary>
    private readonly Section<int> _decidedOn;

    /// <summary>Scratch of <see cref="Normalise"/>.</summary>
    private readonly int[] _ranks;

    public SharedMemory(Machine machine, RegionStore[] regions, StateBlock block)
    {
        this._machine = machine;
        this._regions = regions;
        _ordering = machine.Config.Order;
        var next = 0;
        foreach (var region in regions)
        {
            region.FirstLocation = next;
            next += _ordering == MemoryOrdering.Sc ? 0 : checked((int)region.Words);
        }

        var gfns = _ordering == MemoryOrdering.Sc ? 0 : checked((int)machine.Config.Gfns);
        _contentBase = next;
        _locations = next + gfns;
        _readers = machine.ActorCount + gfns;
        var isWeak = _ordering == MemoryOrdering.Weak;
        _buffers = block.Reserve<Buffered>(_ordering == MemoryOrdering.Sc ? 0 : machine.ActorCount * BufferPlaces);
        _lags = block.Reserve<byte>(isWeak ? (long)_readers * _locations : 0);
        _past = block.Reserve<OldValue>(isWeak ? (long)_locations * Depth : 0);
        _depths = block.Reserve<byte>(isWeak ? _locations : 0);
        _stamps = block.Reserve<int>(isWeak ? _locations : 0);
        _released = block.Reserve<int>(isWeak ? machine.ActorCount : 0);
        _decidedOn = block.Reserve<int>(isWeak ? machine.Config.Vcpus : 0);
        _ranks = new int[isWeak ? 1 + machine.ActorCount + machine.Config.Vcpus + (_locations * (Depth + 1)) : 0];
    }

    internal Section<Buffered> Buffers => _buffers;
    internal Section<byte> Lags => _lags;
    internal Section<OldValue> Past => _past;
    internal Section<byte> Depths => _depths;
    internal Section<int> Stamps => _stamps;

    internal Section<int> Released => _released;
    internal Section<int> DecidedOn => _decidedOn;

    /// <summary>Set once the machine has started: arming before that is seen by all.</summary>
    public bool IsOn { get; set; }

    private bool IsDirect => _ordering == MemoryOrdering.Sc || !IsOn;

    /// <summary>A thread read an old value without acquire: ARMv8 keeps it from that where the address depends on an
    /// earlier load, which the machine is not told of.</summary>
    public bool ReadStale { get; set; }

    /// <summary>When what the last load found became visible; 0 is before everything.</summary>
    internal int LastStamp { get; private set; }

    /// <param name="actor">Who loads.</param>
    /// <param name="store">Of which region.</param>
    /// <param name="index">Which word.</param>
    /// <param name="order">As declared.</param>
    /// <param name="after">The <see cref="LastStamp"/> of a load that the address depends on.</param>
    public ulong Load(int actor, RegionStore store, ulong index, MemoryOrder order, int after = 0) =>
        IsDirect ? store.Read(index) : Load(actor, store.FirstLocation + (int)index, order, after);

    public void Store(int actor, RegionStore store, ulong index, ulong value, MemoryOrder order)
    {
        if (IsDirect)
        {
            store.Write(index, value);
        }
        else
        {
            Store(actor, store.FirstLocation + (int)index, value & store.Mask, order);
        }
    }

    /// <summary>Reads and writes in one; the word's newest value.</summary>
    public ulong Modify(int actor, RegionStore store, ulong index, MemoryOrder order, AtomicOp change)
    {
        if (IsDirect)
        {
            var old = store.Read(index);
            store.Write(index, change.Of(old));
            return old;
        }

        var location = store.FirstLocation + (int)index;
        BeforeModify(actor, location, order);
        var value = store.Read(index);
        if (_ordering == MemoryOrdering.Tso)
        {
            store.Write(index, change.Of(value));
            return value;
        }

        var stamp = _stamps[location];
        Publish(actor, location, change.Of(value) & store.Mask);
        AfterAcquiring(actor, order, stamp);
        return value;
    }

    /// <summary>The content of a frame as a guest access of this vCPU finds it.</summary>
    public bool ContentIsThere(int vcpu, ulong gfn)
    {
        if (IsDirect)
        {
            return _machine.Memory.HasContent(gfn);
        }

        if (_ordering == MemoryOrdering.Weak)
        {
            var location = _contentBase + (int)gfn;
            ref var lag = ref Lag(vcpu, location);
            lag = Math.Min(lag, Lag(_machine.ActorCount + (int)gfn, location));
            Prune(location);
        }

        return Load(vcpu, _contentBase + (int)gfn, MemoryOrder.Relaxed, after: 0) != 0;
    }

    /// <summary>Content is copied into a frame, or discarded. The invalidation flushes, so that all see that it is
    /// gone; and a fault that begins after it reads the new sequence and then, behind a barrier, what was stored
    /// before: the bit that was set.</summary>
    public void SetContent(int actor, ulong gfn, bool there)
    {
        if (IsDirect)
        {
            _machine.Memory.Content[(long)gfn] = there ? (byte)1 : (byte)0;
            return;
        }

        if (there)
        {
            Store(actor, _contentBase + (int)gfn, 1, MemoryOrder.Relaxed);
            return;
        }

        Drain(actor);
        Publish(actor, _contentBase + (int)gfn, 0);
        for (var reader = 0; reader < _readers && _ordering == MemoryOrdering.Weak; reader++)
        {
            Lag(reader, _contentBase + (int)gfn) = 0;
        }

        Prune(_contentBase + (int)gfn);
        for (var vcpu = 0; vcpu < _machine.Config.Vcpus; vcpu++)
        {
            See(vcpu);
        }
    }

    /// <summary>KVM begins with a fault: nothing that it loaded before decides on a mapping.</summary>
    public void BeginFault(int vcpu)
    {
        if (_ordering == MemoryOrdering.Weak)
        {
            _decidedOn[vcpu] = 0;
        }
    }

    /// <summary>A vCPU installs a mapping: later walkers know what it knows, and what its decision to map depends
    /// on.</summary>
    public void OnMapped(int vcpu, ulong gfn)
    {
        OnUnlock(vcpu);
        if (_ordering == MemoryOrdering.Weak && IsOn)
        {
            var location = _contentBase + (int)gfn;
            Lag(_machine.ActorCount + (int)gfn, location) = LagAfter(vcpu, location, _decidedOn[vcpu]);
            _decidedOn[vcpu] = 0;
            Prune(location);
        }
    }

    /// <summary>An instruction barrier behind a branch on a loaded value: no later load is older than that.</summary>
    internal void Isb(int actor, int loaded)
    {
        if (_ordering == MemoryOrdering.Weak)
        {
            RaiseView(actor, loaded);
        }
    }

    /// <summary>A full barrier.</summary>
    public void Fence(int actor)
    {
        Drain(actor);
        See(actor);
    }

    /// <summary>A lock was taken: everything before its release is seen. On x86 taking it is a locked
    /// instruction.</summary>
    public void OnLock(int actor)
    {
        if (_ordering == MemoryOrdering.Tso)
        {
            Drain(actor);
        }

        See(actor);
    }

    /// <summary>A lock is about to be released.</summary>
    public void OnUnlock(int actor) => Drain(actor);

    /// <summary>A thread was woken by the kernel, which orders it after its waker.</summary>
    public void OnWoken(int actor) => See(actor);

    /// <summary>Another process: every thread's stores are where they belong, and no thread is behind.</summary>
    public void Forget()
    {
        for (var actor = 0; actor < _machine.ActorCount && _ordering != MemoryOrdering.Sc; actor++)
        {
            while (Entry(actor, 0).IsUsed)
            {
                CommitEntry(actor, 0);
            }
        }

        _lags.Span(0, (int)_lags.Count).Clear();
        _past.Span(0, (int)_past.Count).Clear();
        _depths.Span(0, (int)_depths.Count).Clear();
        _stamps.Span(0, (int)_stamps.Count).Clear();
        _released.Span(0, (int)_released.Count).Clear();
        _decidedOn.Span(0, (int)_decidedOn.Count).Clear();
    }

    /// <summary>Makes every store of the thread visible, oldest first.</summary>
    public void Drain(int actor)
    {
        if (IsDirect)
        {
            return;
        }

        while (Entry(actor, 0).IsUsed)
        {
            CommitEntry(actor, 0);
        }
    }

    /// <summary>How many of the thread's stores could become visible next.</summary>
    public int Committable(int actor)
    {
        var count = 0;
        for (var place = 0; !IsDirect && place < BufferPlaces && Entry(actor, place).IsUsed; place++)
        {
            count += MayCommit(actor, place) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Makes one of them visible.</summary>
    public void Commit(int actor, int which)
    {
        for (var place = 0; ; place++)
        {
            if (MayCommit(actor, place) && which-- == 0)
            {
                _machine.Footprint.IsVisible = true;
                CommitEntry(actor, place);
                return;
            }
        }
    }

    /// <summary>Renames what waits in buffers and what is kept of the past (<see cref="Renaming"/>).</summary>
    public void Rename(ReadOnlySpan<byte> before, Renaming names)
    {
        var waiting = _buffers.In(before);
        for (var i = 0; i < waiting.Length; i++)
        {
            var entry = waiting[i];
            if (entry.IsUsed)
            {
                entry.Value = Renamed(entry.Location, entry.Value, names);
                entry.Location = Renamed(entry.Location, names);
            }

            _buffers[((long)names.Actor(i / BufferPlaces) * BufferPlaces) + (i % BufferPlaces)] = entry;
        }

        if (_ordering != MemoryOrdering.Weak)
        {
            return;
        }

        var allLags = _lags.In(before);
        var allPast = _past.In(before);
        var allStamps = _stamps.In(before);
        var allReleased = _released.In(before);
        var allDecidedOn = _decidedOn.In(before);
        for (var actor = 0; actor < _machine.ActorCount; actor++)
        {
            _released[names.Actor(actor)] = allReleased[actor];
        }

        for (var vcpu = 0; vcpu < allDecidedOn.Length; vcpu++)
        {
            _decidedOn[names.Actor(vcpu)] = allDecidedOn[vcpu];
        }

        for (var location = 0; location < _locations; location++)
        {
            _stamps[location] = 0;
            Forget(location);
        }

        var allDepths = _depths.In(before);
        for (var location = 0; location < _locations; location++)
        {
            if (allDepths[location] == 0 && allStamps[location] == 0)
            {
                continue;
            }

            var to = Renamed(location, names);
            _stamps[to] = allStamps[location];
            _depths[to] = allDepths[location];
            for (var reader = 0; reader < _readers; reader++)
            {
                var renamed = reader < _machine.ActorCount ? names.Actor(reader)
                    : _machine.ActorCount + (int)names.Frame((ulong)(reader - _machine.ActorCount));
                _lags[((long)renamed * _locations) + to] = allLags[(reader * _locations) + location];
            }

            for (var i = 0; i < allDepths[location]; i++)
            {
                var value = allPast[(location * Depth) + i];
                value.Value = Renamed(location, value.Value, names);
                _past[((long)to * Depth) + i] = value;
            }
        }
    }

    private int Renamed(int location, Renaming names) => location >= _contentBase
        ? _contentBase + (int)names.Frame((ulong)(location - _contentBase))
        : RegionOf(location).FirstLocation
            + names.WordOf(RegionOf(location), location - RegionOf(location).FirstLocation);

    private ulong Renamed(int location, ulong value, Renaming names) =>
        location >= _contentBase ? value
            : names.Value(value, RegionOf(location).KindOf((ulong)(location - RegionOf(location).FirstLocation)));

    /// <summary>Stamps are renumbered from 1 in their order.</summary>
    public void Normalise()
    {
        if (_ordering == MemoryOrdering.Weak)
        {
            NormaliseWeak();
        }
    }

    private void NormaliseWeak()
    {
        for (var actor = 0; actor < _machine.ActorCount; actor++)
        {
            if (!_machine.IsRunnable(actor))
            {
                See(actor); // no thread wakes it without that
            }
        }

        var used = 1; // 0, before everything, stays what it is
        _ranks[0] = 0;
        Each((ref int stamp) => _ranks[used++] = stamp);
        var sorted = _ranks.AsSpan(0, used);
        sorted.Sort();
        var different = 0;
        for (var i = 0; i < used; i++)
        {
            if (i == 0 || sorted[i] != sorted[different - 1])
            {
                sorted[different++] = sorted[i];
            }
        }

        Each((ref int stamp) => stamp = _ranks.AsSpan(0, different).BinarySearch(stamp));
    }

    private delegate void StampAction(ref int stamp);

    private void Each(StampAction action)
    {
        for (var actor = 0; actor < _machine.ActorCount; actor++)
        {
            if (!BindsAcquires(actor))
            {
                _released[actor] = 0;
            }

            action(ref _released[actor]);
        }

        for (var vcpu = 0; vcpu < _decidedOn.Count; vcpu++)
        {
            if (!BindsMapping(vcpu))
            {
                _decidedOn[vcpu] = 0;
            }

            action(ref _decidedOn[vcpu]);
        }

        for (var location = 0; location < _locations; location++)
        {
            // A word that no thread can be behind at has no order to keep.
            if (_depths[location] == 0)
            {
                _stamps[location] = 0;
                continue;
            }

            action(ref _stamps[location]);
            for (var i = 0; i < _depths[location]; i++)
            {
                action(ref _past[((long)location * Depth) + i].Stamp);
            }
        }
    }

    /// <summary>Whether the thread may still be behind its own last release store at some word.</summary>
    private bool BindsAcquires(int actor)
    {
        for (var location = NextBehind(0); location < _locations; location = NextBehind(location + 1))
        {
            var lag = Lag(actor, location);
            if (lag > 0 && StampOf(location, lag - 1) <= _released[actor])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the mapping that the vCPU may install knows more of some content than the vCPU.</summary>
    private bool BindsMapping(int vcpu)
    {
        var step = _machine.Vcpus[vcpu].Step;
        if (!VcpuSteps.InFault(step) && !VcpuSteps.InReady(step))
        {
            return false;
        }

        for (var location = NextBehind(_contentBase); location < _locations; location = NextBehind(location + 1))
        {
            if (LagAfter(vcpu, location, _decidedOn[vcpu]) < Lag(vcpu, location))
            {
                return true;
            }
        }

        return false;
    }

    private ulong Load(int actor, int location, MemoryOrder order, int after)
    {
        LastStamp = 0;
        var acquires = order is MemoryOrder.Acquire or MemoryOrder.AcquireRelease or MemoryOrder.SequentiallyConsistent;
        if (acquires && _ordering == MemoryOrdering.Weak)
        {
            DrainReleases(actor); // an acquire load does not pass an earlier release store
            RaiseView(actor, _released[actor]);
        }

        for (var place = BufferPlaces - 1; place >= 0; place--)
        {
            ref var entry = ref Entry(actor, place);
            if (entry.IsUsed && entry.Location == location)
            {
                return entry.Value;
            }
        }

        if (_ordering == MemoryOrdering.Tso)
        {
            return Current(location);
        }

        ref var lag = ref Lag(actor, location);
        lag = LagAfter(actor, location, after);
        var behind = lag == 0 ? 0 : _machine.Choices.Choose(ChoiceKind.ReadFrom, (ulong)location, lag + 1);
        ReadStale |= behind > 0 && !acquires;
        var stamp = behind == 0 ? _stamps[location] : _past[((long)location * Depth) + behind - 1].Stamp;
        var value = behind == 0 ? Current(location) : _past[((long)location * Depth) + behind - 1].Value;
        lag = (byte)behind;
        LastStamp = stamp;
        if (actor < _decidedOn.Count)
        {
            _decidedOn[actor] = Math.Max(_decidedOn[actor], stamp);
        }

        Prune(location);
        if (acquires)
        {
            RaiseView(actor, stamp);
        }

        return value;
    }

    /// <summary>How far behind a reader may be at a word of which it knows everything that was visible at a moment, for
    /// the access in question alone.</summary>
    private byte LagAfter(int reader, int location, int stamp)
    {
        var lag = Lag(reader, location);
        while (lag > 0 && StampOf(location, lag - 1) <= stamp)
        {
            lag--;
        }

        return lag;
    }

    private void Store(int actor, int location, ulong value, MemoryOrder order)
    {
        var isSc = order == MemoryOrder.SequentiallyConsistent;
        for (var place = 0; place < BufferPlaces; place++)
        {
            ref var entry = ref Entry(actor, place);
            if (!entry.IsUsed)
            {
                entry = new Buffered
                {
                    Location = location,
                    Value = value,
                    IsUsed = true,
                    IsRelease = isSc || order is MemoryOrder.Release
                        or MemoryOrder.AcquireRelease,
                };
                if (isSc && _ordering == MemoryOrdering.Tso)
                {
                    Drain(actor); // xchg
                }

                return;
            }
        }

        throw new InvalidOperationException($"actor {actor}: more than {BufferPlaces} stores wait in its buffer");
    }

    private void BeforeModify(int actor, int location, MemoryOrder order)
    {
        if (_ordering == MemoryOrdering.Tso || order is not (MemoryOrder.Relaxed or MemoryOrder.Acquire))
        {
            Drain(actor);
            return;
        }

        // Only what the thread itself wrote to the word comes first.
        for (var place = 0; place < BufferPlaces && Entry(actor, place).IsUsed;)
        {
            if (Entry(actor, place).Location == location)
            {
                CommitEntry(actor, place);
            }
            else
            {
                place++;
            }
        }
    }

    private void AfterAcquiring(int actor, MemoryOrder order, int stamp)
    {
        if (order == MemoryOrder.SequentiallyConsistent)
        {
            See(actor); // the kernel's value-returning atomics are full barriers
        }
        else if (order is MemoryOrder.Acquire or MemoryOrder.AcquireRelease)
        {
            RaiseView(actor, stamp);
        }
    }

    private void DrainReleases(int actor)
    {
        var last = -1;
        for (var place = 0; place < BufferPlaces && Entry(actor, place).IsUsed; place++)
        {
            last = Entry(actor, place).IsRelease ? place : last;
        }

        for (; last >= 0; last--)
        {
            CommitEntry(actor, 0);
        }
    }

    private bool MayCommit(int actor, int place)
    {
        if (place == 0)
        {
            return true;
        }

        ref var entry = ref Entry(actor, place);
        if (_ordering == MemoryOrdering.Tso || entry.IsRelease)
        {
            return false;
        }

        for (var earlier = 0; earlier < place; earlier++)
        {
            if (Entry(actor, earlier).Location == entry.Location)
            {
                return false;
            }
        }

        return true;
    }

    private void CommitEntry(int actor, int place)
    {
        _machine.Footprint.IsVisible = true;
        var entry = Entry(actor, place);
        for (; place + 1 < BufferPlaces; place++)
        {
            Entry(actor, place) = Entry(actor, place + 1);
        }

        Entry(actor, BufferPlaces - 1) = default;
        Publish(actor, entry.Location, entry.Value);
        if (entry.IsRelease && _ordering == MemoryOrdering.Weak)
        {
            _released[actor] = _stamps[entry.Location];
        }
    }

    /// <summary>A value becomes visible: every other thread may go on reading the one before for a while.</summary>
    private void Publish(int actor, int location, ulong value)
    {
        if (_ordering == MemoryOrdering.Weak)
        {
            var latest = 0;
            for (var i = 0; i < _locations; i++)
            {
                latest = Math.Max(latest, _stamps[i]);
            }

            for (var i = 0; i < _machine.ActorCount; i++)
            {
                latest = Math.Max(latest, _released[i]);
            }

            for (var i = 0; i < _decidedOn.Count; i++)
            {
                latest = Math.Max(latest, _decidedOn[i]);
            }

            if (_depths[location] == Depth)
            {
                throw new InvalidOperationException($"more than {Depth} values of a word are still readable");
            }

            for (var i = Depth - 1; i > 0; i--)
            {
                _past[((long)location * Depth) + i] = _past[((long)location * Depth) + i - 1];
            }

            _past[(long)location * Depth] = new OldValue { Value = Current(location), Stamp = _stamps[location] };
            for (var reader = 0; reader < _readers; reader++)
            {
                Lag(reader, location)++;
            }

            Lag(actor, location) = 0;
            _stamps[location] = latest + 1;
            SetCurrent(location, value);
            Prune(location);
            return;
        }

        SetCurrent(location, value);
    }

    /// <summary>From now on the thread reads nothing that was overwritten before this instant in the common
    /// order.</summary>
    private void RaiseView(int actor, int stamp)
    {
        for (var location = NextBehind(0); location < _locations; location = NextBehind(location + 1))
        {
            Lag(actor, location) = LagAfter(actor, location, stamp);
            Prune(location);
        }
    }

    private void See(int actor)
    {
        if (_ordering == MemoryOrdering.Weak && IsOn)
        {
            for (var location = NextBehind(0); location < _locations; location = NextBehind(location + 1))
            {
                Lag(actor, location) = 0;
                Prune(location);
            }
        }
    }

    private int StampOf(int location, int behind) =>
        behind == 0 ? _stamps[location] : _past[((long)location * Depth) + behind - 1].Stamp;

    /// <summary>The next word at which a thread is behind; beyond the last if there is none.</summary>
    private int NextBehind(int location)
    {
        var found = _depths.Span(location, _locations - location).IndexOfAnyExcept((byte)0);
        return found < 0 ? _locations : location + found;
    }

    /// <summary>After a reader came nearer: drops what no thread is behind enough to read.</summary>
    private void Prune(int location)
    {
        if (_ordering == MemoryOrdering.Weak)
        {
            byte depth = 0;
            for (var reader = 0; reader < _readers; reader++)
            {
                depth = Math.Max(depth, Lag(reader, location));
            }

            if (depth < _depths[location])
            {
                _past.Span(((long)location * Depth) + depth, _depths[location] - depth).Clear();
            }

            _depths[location] = depth;
        }
    }

    private void Forget(int location)
    {
        for (var reader = 0; reader < _readers && _depths[location] > 0; reader++)
        {
            Lag(reader, location) = 0;
        }

        _past.Span((long)location * Depth, _depths[location]).Clear();
        _depths[location] = 0;
    }

    private ref Buffered Entry(int actor, int place) => ref _buffers[((long)actor * BufferPlaces) + place];

    private ref byte Lag(int reader, int location) => ref _lags[((long)reader * _locations) + location];

    private ulong Current(int location) => location >= _contentBase
        ? _machine.Memory.Content[location - _contentBase]
        : RegionOf(location).Read((ulong)(location - RegionOf(location).FirstLocation));

    private void SetCurrent(int location, ulong value)
    {
        if (location >= _contentBase)
        {
            _machine.Memory.Content[location - _contentBase] = (byte)value;
        }
        else
        {
            RegionOf(location).Write((ulong)(location - RegionOf(location).FirstLocation), value);
        }
    }

    private RegionStore RegionOf(int location)
    {
        var region = _regions.Length - 1;
        while (_regions[region].FirstLocation > location)
        {
            region--;
        }

        return _regions[region];
    }
}
