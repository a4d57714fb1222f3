using System.Diagnostics;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Vmm;

/// <summary>
/// The VMM's book: at most one fetch per frame however many ask for it, who waits for it, and which frames have
/// arrived. Each operation is atomic (one lock in the VMM).
/// </summary>
internal sealed class FetchTable
{
    internal const int Arrived = -1;

    private readonly Machine _machine;
    internal Section<int> ByGfn => _byGfn;
    internal Section<FetchState> Fetches => _fetches;
    internal Section<WaiterState> Waiters => _waiters;
    internal Section<int> Completed => _completed;

    private readonly Section<int> _byGfn;
    private readonly Section<FetchState> _fetches;
    private readonly Section<WaiterState> _waiters;
    private readonly Section<int> _completed;

    /// <summary>Room to normalise in.</summary>
    private readonly WaiterState[] _kept;
    private readonly int[] _ring;

    public FetchTable(Machine machine, StateBlock block)
    {
        this._machine = machine;
        var config = machine.Config;
        Capacity = (config.Vcpus * (config.ApfLimit + 2)) + config.PrefetchDepth + 1;
        _byGfn = block.Reserve<int>(config.Gfns);
        _fetches = block.Reserve<FetchState>(Capacity);
        _waiters = block.Reserve<WaiterState>(Capacity * 2);
        _completed = block.Reserve<int>(Capacity);
        _kept = new WaiterState[Capacity * 2];
        _ring = new int[Capacity];
    }

    public int Capacity { get; }

    public ref FetchState this[int fetch] => ref _fetches[fetch];

    /// <summary>Links the free lists; call once.</summary>
    public void Initialise()
    {
        for (var i = 0; i < Capacity; i++)
        {
            _fetches[i].NextFree = i + 1 < Capacity ? i + 1 : -1;
        }

        for (var i = 0; i < Capacity * 2; i++)
        {
            _waiters[i].Next = i + 1 < Capacity * 2 ? i + 1 : -1;
        }
    }

    /// <summary>A new book: no frame has arrived and none is asked for.</summary>
    public void Clear()
    {
        _byGfn.Span(0, (int)_byGfn.Count).Clear();
        _fetches.Span(0, Capacity).Fill(StateTable<FetchState>.Dead);
        _waiters.Span(0, Capacity * 2).Fill(StateTable<WaiterState>.Dead);
        _completed.Span(0, Capacity).Fill(-1);
        ref var vm = ref _machine.Vm;
        (vm.FreeFetch, vm.FreeWaiter, vm.CompletedHead, vm.CompletedCount) = (0, 0, 0, 0);
        Initialise();
    }

    public bool HasArrived(ulong gfn) => _byGfn[(long)gfn] == Arrived;

    public void MarkArrived(ulong gfn) => _byGfn[(long)gfn] = Arrived;

    /// <summary>The fetch of a frame, or -1.</summary>
    public int Find(ulong gfn) => _byGfn[(long)gfn] > 0 ? _byGfn[(long)gfn] - 1 : -1;

    /// <summary>Opens a fetch for a frame that has none.</summary>
    public int Open(ulong gfn, Disposition disposition, bool onDemand)
    {
        // A small slot has a place for each of its frames, so that states of a checker don't differ in who came first.
        _machine.Footprint.IsVisible = true;
        var fetch = _machine.Config.Gfns <= Capacity ? (int)gfn : _machine.Vm.FreeFetch;
        if (fetch < 0)
        {
            throw new InvalidOperationException(
                "the book of fetches is full although it holds one for every possible fault");
        }

        _machine.Vm.FreeFetch = _fetches[fetch].NextFree;
        _fetches[fetch] = new FetchState
        {
            Gfn = gfn,
            FirstWaiter = 0,
            LastWaiter = -1,
            Owner = -1,
            Status = FetchStatus.Wanted,
            Disposition = disposition,
            OnDemand = onDemand,
        };
        _byGfn[(long)gfn] = fetch + 1;
        return fetch;
    }

    /// <summary>The content is in guest memory: from now on a new waiter is refused.</summary>
    public void Arrive(int fetch)
    {
        _machine.Footprint.IsVisible = true;
        _fetches[fetch].Status = FetchStatus.Arrived;
    }

    /// <summary>The arrival is published: the entry is closed and every thread blocked on it goes on.</summary>
    public void Close(int fetch) => Close(fetch, _fetches[fetch].IsGone ? 0 : Arrived);

    /// <summary>The VMM has given the page up: as far as it knows, nobody has asked for it.</summary>
    public void Abandon(int fetch) => Close(fetch, 0);

    private void Close(int fetch, int leaves)
    {
        _machine.Footprint.IsVisible = true;
        ref var entry = ref _fetches[fetch];
        _byGfn[(long)entry.Gfn] = leaves;
        entry.Status = FetchStatus.Free;
        while (TakeFirst(ref entry, out _))
        {
            // A waiter the encoding forgot is a lost wake-up; it will be seen as such.
        }

        entry.NextFree = _machine.Vm.FreeFetch;
        _machine.Vm.FreeFetch = fetch;
        if (entry.BlockedThreads > 0)
        {
            entry.BlockedThreads = 0;
            _machine.WakeAll(BlockReason.WaitFetch, fetch);
            _machine.WakeAll(BlockReason.LookupSleep, fetch);
        }
    }

    /// <summary>Forgets that a frame arrived, for re-arming; false while a fetch is under way.</summary>
    public bool TryForget(ulong gfn)
    {
        ref var entry = ref _byGfn[(long)gfn];
        if (entry != Arrived)
        {
            return false;
        }

        entry = 0;
        return true;
    }

    /// <summary>The frame is to be forgotten as soon as its arrival has been published.</summary>
    public void MarkGone(ulong gfn) => _fetches[Find(gfn)].IsGone = true;

    /// <summary>The fetch whose page is gone again while its arrival is still being published, or -1.</summary>
    public int FindGone(ulong gfn) => Find(gfn) is var fetch && fetch >= 0 && _fetches[fetch].IsGone ? fetch : -1;

    public bool AddWaiter(ulong gfn, Waiter waiter)
    {
        var fetch = Find(gfn);
        if (fetch < 0 || _fetches[fetch].Status == FetchStatus.Arrived)
        {
            return false;
        }

        if (_machine.Config.HasCarelessHalf && IsEntered(ref _fetches[fetch], waiter))
        {
            return true;
        }

        var place = _machine.Vm.FreeWaiter;
        if (place < 0)
        {
            if (_machine.Config.Environment.HostileActs > 0 || _machine.Config.Breaks(Rules.V5ReadsReason))
            {
                // Who makes up faults, or sees one again and again, forgets one: it is his guest that waits.
                return true;
            }

            throw new EncodingDefectException(Invariant(
                $"AddWaiter: {_waiters.Count} waiters are entered, more than faults can be outstanding; ")
                + "each is taken once its frame has arrived");
        }

        _machine.Vm.FreeWaiter = _waiters[place].Next;
        _waiters[place] = new WaiterState { Vcpu = waiter.Vcpu, Cookie = waiter.Cookie, Next = -1 };
        ref var entry = ref _fetches[fetch];
        if (entry.FirstWaiter == 0)
        {
            entry.FirstWaiter = place + 1;
        }
        else
        {
            _waiters[entry.LastWaiter].Next = place;
        }

        entry.LastWaiter = place;
        return true;
    }

    /// <summary>Who is entered again and again for the same fault is entered once.</summary>
    private bool IsEntered(ref FetchState entry, Waiter waiter)
    {
        for (var place = entry.FirstWaiter - 1; place >= 0; place = _waiters[place].Next)
        {
            if (_waiters[place].Vcpu == waiter.Vcpu && _waiters[place].Cookie == waiter.Cookie)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the list of waiters can only get shorter.</summary>
    public bool IsClosedToWaiters(ulong gfn) =>
        Find(gfn) is var fetch && fetch >= 0 && _fetches[fetch].Status == FetchStatus.Arrived;

    public bool TakeWaiter(ulong gfn, out Waiter waiter)
    {
        var fetch = Find(gfn);
        if (fetch >= 0 && TakeFirst(ref _fetches[fetch], out var taken))
        {
            waiter = taken;
            return true;
        }

        waiter = default;
        return false;
    }

    public void PushCompleted(int fetch)
    {
        _machine.Footprint.IsVisible = true;
        ref var vm = ref _machine.Vm;
        Debug.Assert(vm.CompletedCount < Capacity);
        _completed[(vm.CompletedHead + vm.CompletedCount) % Capacity] = fetch;
        vm.CompletedCount++;
    }

    public bool TryPopCompleted(out int fetch, bool anyOrder)
    {
        ref var vm = ref _machine.Vm;
        fetch = -1;
        if (vm.CompletedCount == 0)
        {
            return false;
        }

        if (anyOrder && vm.CompletedCount > 1)
        {
            var which = _machine.Choices.Choose(ChoiceKind.FetchCompletes, 0, vm.CompletedCount);
            ref var first = ref _completed[vm.CompletedHead];
            ref var picked = ref _completed[(vm.CompletedHead + PlaceOf(which)) % Capacity];
            (first, picked) = (picked, first);
        }

        fetch = _completed[vm.CompletedHead];
        vm.CompletedHead = (vm.CompletedHead + 1) % Capacity;
        vm.CompletedCount--;
        return true;
    }

    /// <summary>See <see cref="Normalisation"/>: waiters are numbered in the order of frames and of entering, free
    /// places are zero, the ring of completed fetches starts at 0. For machines whose frames all have a place of their
    /// own.</summary>
    public void Normalise()
    {
        ref var vm = ref _machine.Vm;
        var kept = _kept;
        var ring = _ring.AsSpan();
        var deadFetch = StateTable<FetchState>.Dead;
        var deadWaiter = StateTable<WaiterState>.Dead;
        var fetches = _fetches.Span(0, Capacity);
        var waiters = _waiters.Span(0, Capacity * 2);
        var completed = _completed.Span(0, Capacity);
        var next = 0;
        for (var fetch = 0; fetch < fetches.Length; fetch++)
        {
            ref var entry = ref fetches[fetch];
            if (entry.Status == FetchStatus.Free)
            {
                entry = deadFetch;
                continue;
            }

            var wanted = entry.Status == FetchStatus.Wanted ? FetchLive.Wanted : FetchLive.Never;
            StateTable<FetchState>.Clear(ref entry, (int)(FetchLive.Open | wanted));
            var place = entry.FirstWaiter - 1;
            entry.FirstWaiter = place < 0 ? 0 : next + 1;
            entry.LastWaiter = -1;
            for (; place >= 0; place = waiters[place].Next)
            {
                var last = waiters[place].Next < 0;
                entry.LastWaiter = next;
                kept[next] = waiters[place] with { Next = last ? -1 : next + 1 };
                next++;
            }
        }

        // `place` above walks the old numbering, so the new one is written back only now.
        for (var i = 0; i < waiters.Length; i++)
        {
            waiters[i] = i < next
                ? kept[i]
                : deadWaiter with { Next = i + 1 < waiters.Length ? i + 1 : -1 };
        }

        vm.FreeWaiter = next < waiters.Length ? next : -1;
        vm.FreeFetch = 0;
        for (var i = 0; i < vm.CompletedCount; i++)
        {
            ring[i] = completed[(vm.CompletedHead + i) % completed.Length];
        }

        vm.CompletedHead = 0;
        ring[..vm.CompletedCount].Sort(); // taken in any order
        for (var i = 0; i < completed.Length; i++)
        {
            completed[i] = i < vm.CompletedCount ? ring[i] : -1;
        }
    }

    /// <summary>See <see cref="Normalisation.ApplySince"/>.</summary>
    internal void NormaliseSince(ReadOnlySpan<byte> before)
    {
        if (ListsOf(_machine.Vm) != ListsOf(_machine.VmSection.In(before)[0])
            || !_fetches.IsAsIn(before, 0, Capacity) || !_waiters.IsAsIn(before, 0, Capacity * 2)
            || !_completed.IsAsIn(before, 0, Capacity))
        {
            Normalise();
        }
    }

    private static (int, int, int, int) ListsOf(in VmState vm) =>
        (vm.FreeFetch, vm.FreeWaiter, vm.CompletedHead, vm.CompletedCount);

    /// <summary>Where in the ring the fetch is that has so many lower ones beside it: a choice means the same whatever
    /// the order.</summary>
    private int PlaceOf(int rank)
    {
        ref var vm = ref _machine.Vm;
        for (var place = 0; ; place++)
        {
            var lower = 0;
            for (var other = 0; other < vm.CompletedCount; other++)
            {
                lower += _completed[(vm.CompletedHead + other) % Capacity] < _completed[
                    (vm.CompletedHead + place) % Capacity] ? 1 : 0;
            }

            if (lower == rank)
            {
                return place;
            }
        }
    }

    private bool TakeFirst(ref FetchState entry, out Waiter waiter)
    {
        waiter = default;
        if (entry.FirstWaiter == 0)
        {
            return false;
        }

        var place = entry.FirstWaiter - 1;
        waiter = new(_waiters[place].Vcpu, _waiters[place].Cookie);
        entry.FirstWaiter = _waiters[place].Next + 1;
        _waiters[place].Next = _machine.Vm.FreeWaiter;
        _machine.Vm.FreeWaiter = place;
        return true;
    }
}
