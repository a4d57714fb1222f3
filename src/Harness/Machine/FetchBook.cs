using System.Diagnostics;
using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>
/// The VMM's book: at most one fetch per frame however many ask for it, who waits for it, and which frames have arrived.
/// Each operation is atomic (one lock in the VMM).
/// </summary>
internal sealed class FetchBook
{
    internal const int Arrived = -1;

    private readonly Machine machine;
    internal Section<int> ByGfn => byGfn;
    internal Section<FetchState> Fetches => fetches;
    internal Section<WaiterState> Waiters => waiters;
    internal Section<int> Completed => completed;

    private readonly Section<int> byGfn;
    private readonly Section<FetchState> fetches;
    private readonly Section<WaiterState> waiters;
    private readonly Section<int> completed;

    public FetchBook(Machine machine, StateBlock block)
    {
        this.machine = machine;
        var shape = machine.Shape;
        Capacity = (shape.Vcpus * (shape.ApfLimit + 2)) + shape.PrefetchDepth + 1;
        byGfn = block.Reserve<int>(shape.Gfns);
        fetches = block.Reserve<FetchState>(Capacity);
        waiters = block.Reserve<WaiterState>(Capacity * 2);
        completed = block.Reserve<int>(Capacity);
    }

    public int Capacity { get; }

    public ref FetchState this[int fetch] => ref fetches[fetch];

    /// <summary>Links the free lists; call once.</summary>
    public void Initialise()
    {
        for (var i = 0; i < Capacity; i++)
        {
            fetches[i].NextFree = i + 1 < Capacity ? i + 1 : -1;
        }

        for (var i = 0; i < Capacity * 2; i++)
        {
            waiters[i].Next = i + 1 < Capacity * 2 ? i + 1 : -1;
        }
    }

    /// <summary>A new book: no frame has arrived and none is asked for.</summary>
    public void Clear()
    {
        byGfn.Span(0, (int)byGfn.Count).Clear();
        fetches.Span(0, Capacity).Fill(StateTable<FetchState>.Dead);
        waiters.Span(0, Capacity * 2).Fill(StateTable<WaiterState>.Dead);
        completed.Span(0, Capacity).Fill(-1);
        ref var vm = ref machine.Vm;
        (vm.FreeFetch, vm.FreeWaiter, vm.CompletedHead, vm.CompletedCount) = (0, 0, 0, 0);
        Initialise();
    }

    public bool HasArrived(ulong gfn) => byGfn[(long)gfn] == Arrived;

    public void MarkArrived(ulong gfn) => byGfn[(long)gfn] = Arrived;

    /// <summary>The fetch of a frame, or -1.</summary>
    public int Find(ulong gfn) => byGfn[(long)gfn] > 0 ? byGfn[(long)gfn] - 1 : -1;

    /// <summary>Opens a fetch for a frame that has none.</summary>
    public int Open(ulong gfn, Disposition disposition, bool onDemand)
    {
        // A small slot has a place for each of its frames, so that states of a checker don't differ in who came first.
        machine.Footprint.Noticed = true;
        var fetch = machine.Shape.Gfns <= Capacity ? (int)gfn : machine.Vm.FreeFetch;
        if (fetch < 0)
        {
            throw new InvalidOperationException("the book of fetches is full although it holds one for every possible fault");
        }

        machine.Vm.FreeFetch = fetches[fetch].NextFree;
        fetches[fetch] = new FetchState
        {
            Gfn = gfn, FirstWaiter = 0, LastWaiter = -1, Owner = -1, Status = FetchStatus.Wanted,
            Disposition = disposition, OnDemand = onDemand,
        };
        byGfn[(long)gfn] = fetch + 1;
        return fetch;
    }

    /// <summary>The content is in guest memory: from now on a new waiter is refused.</summary>
    public void Arrive(int fetch)
    {
        machine.Footprint.Noticed = true;
        fetches[fetch].Status = FetchStatus.Arrived;
    }

    /// <summary>The arrival is published: the entry is closed and everybody blocked on it goes on.</summary>
    public void Close(int fetch)
    {
        machine.Footprint.Noticed = true;
        ref var entry = ref fetches[fetch];
        byGfn[(long)entry.Gfn] = Arrived;
        entry.Status = FetchStatus.Free;
        while (TakeFirst(ref entry, out _))
        {
            // A waiter the encoding forgot is a lost wake-up; it will be seen as such.
        }

        entry.NextFree = machine.Vm.FreeFetch;
        machine.Vm.FreeFetch = fetch;
        if (entry.BlockedThreads > 0)
        {
            entry.BlockedThreads = 0;
            machine.WakeAll(BlockReason.WaitFetch, fetch);
            machine.WakeAll(BlockReason.LookupSleep, fetch);
        }
    }

    /// <summary>Forgets that a frame arrived, for re-arming; false while a fetch is under way.</summary>
    public bool TryForget(ulong gfn)
    {
        ref var entry = ref byGfn[(long)gfn];
        if (entry != Arrived)
        {
            return false;
        }

        entry = 0;
        return true;
    }

    public bool AddWaiter(ulong gfn, Waiter waiter)
    {
        var fetch = Find(gfn);
        if (fetch < 0 || fetches[fetch].Status == FetchStatus.Arrived)
        {
            return false;
        }

        var place = machine.Vm.FreeWaiter;
        if (place < 0)
        {
            if (machine.Shape.Environment.HostileActs > 0)
            {
                return true; // who makes up faults in a ring of his own forgets one: it is his guest that waits
            }

            throw new EncodingDefectException("more waiters than faults can be outstanding");
        }

        machine.Vm.FreeWaiter = waiters[place].Next;
        waiters[place] = new WaiterState { Vcpu = waiter.Vcpu, Cookie = waiter.Cookie, Next = -1 };
        ref var entry = ref fetches[fetch];
        if (entry.FirstWaiter == 0)
        {
            entry.FirstWaiter = place + 1;
        }
        else
        {
            waiters[entry.LastWaiter].Next = place;
        }

        entry.LastWaiter = place;
        return true;
    }

    /// <summary>Whether the list of waiters can only get shorter.</summary>
    public bool IsClosedToWaiters(ulong gfn) => Find(gfn) is var fetch && fetch >= 0 && fetches[fetch].Status == FetchStatus.Arrived;

    public bool TakeWaiter(ulong gfn, out Waiter waiter)
    {
        var fetch = Find(gfn);
        if (fetch >= 0 && TakeFirst(ref fetches[fetch], out var taken))
        {
            waiter = taken;
            return true;
        }

        waiter = default;
        return false;
    }

    public void PushCompleted(int fetch)
    {
        machine.Footprint.Noticed = true;
        ref var vm = ref machine.Vm;
        Debug.Assert(vm.CompletedCount < Capacity);
        completed[(vm.CompletedHead + vm.CompletedCount) % Capacity] = fetch;
        vm.CompletedCount++;
    }

    public bool TryPopCompleted(out int fetch, bool anyOrder)
    {
        ref var vm = ref machine.Vm;
        fetch = -1;
        if (vm.CompletedCount == 0)
        {
            return false;
        }

        if (anyOrder && vm.CompletedCount > 1)
        {
            var which = machine.Choices.Choose(ChoiceKind.FetchCompletes, 0, vm.CompletedCount);
            ref var first = ref completed[vm.CompletedHead];
            ref var picked = ref completed[(vm.CompletedHead + PlaceOf(which)) % Capacity];
            (first, picked) = (picked, first);
        }

        fetch = completed[vm.CompletedHead];
        vm.CompletedHead = (vm.CompletedHead + 1) % Capacity;
        vm.CompletedCount--;
        return true;
    }

    /// <summary>See <see cref="Normalisation"/>: waiters are numbered in the order of frames and of entering, free places are
    /// zero, the ring of completed fetches starts at 0. For machines whose frames all have a place of their own.</summary>
    public void Normalise()
    {
        ref var vm = ref machine.Vm;
        Span<WaiterState> kept = stackalloc WaiterState[Capacity * 2];
        Span<int> ring = stackalloc int[Capacity];
        var next = 0;
        for (var fetch = 0; fetch < Capacity; fetch++)
        {
            ref var entry = ref fetches[fetch];
            if (entry.Status == FetchStatus.Free)
            {
                entry = StateTable<FetchState>.Dead;
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
        for (var i = 0; i < Capacity * 2; i++)
        {
            waiters[i] = i < next
                ? kept[i]
                : StateTable<WaiterState>.Dead with { Next = i + 1 < Capacity * 2 ? i + 1 : -1 };
        }

        vm.FreeWaiter = next < Capacity * 2 ? next : -1;
        vm.FreeFetch = 0;
        for (var i = 0; i < vm.CompletedCount; i++)
        {
            ring[i] = completed[(vm.CompletedHead + i) % Capacity];
        }

        vm.CompletedHead = 0;
        ring[..vm.CompletedCount].Sort(); // taken in any order
        for (var i = 0; i < Capacity; i++)
        {
            completed[i] = i < vm.CompletedCount ? ring[i] : -1;
        }
    }

    /// <summary>Where in the ring the fetch is that has so many lower ones beside it: a choice means the same whatever the order.</summary>
    private int PlaceOf(int rank)
    {
        ref var vm = ref machine.Vm;
        for (var place = 0; ; place++)
        {
            var lower = 0;
            for (var other = 0; other < vm.CompletedCount; other++)
            {
                lower += completed[(vm.CompletedHead + other) % Capacity] < completed[(vm.CompletedHead + place) % Capacity] ? 1 : 0;
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
        waiter = new(waiters[place].Vcpu, waiters[place].Cookie);
        entry.FirstWaiter = waiters[place].Next + 1;
        waiters[place].Next = machine.Vm.FreeWaiter;
        machine.Vm.FreeWaiter = place;
        return true;
    }
}
