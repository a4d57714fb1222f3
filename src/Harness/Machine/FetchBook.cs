using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>
/// The VMM's book: at most one fetch per frame however many ask for it, who waits for it, and which frames have arrived.
/// Each operation is atomic (one lock in the VMM).
/// </summary>
internal sealed class FetchBook
{
    private const int Arrived = -1;

    private readonly Machine machine;
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

    public bool HasArrived(ulong gfn) => byGfn[(long)gfn] == Arrived;

    public void MarkArrived(ulong gfn) => byGfn[(long)gfn] = Arrived;

    /// <summary>The fetch of a frame, or -1.</summary>
    public int Find(ulong gfn) => byGfn[(long)gfn] > 0 ? byGfn[(long)gfn] - 1 : -1;

    /// <summary>Opens a fetch for a frame that has none.</summary>
    public int Open(ulong gfn, Disposition disposition, bool onDemand)
    {
        var fetch = machine.Vm.FreeFetch;
        if (fetch < 0)
        {
            throw new InvalidOperationException("the book of fetches is full although it holds one for every possible fault");
        }

        machine.Vm.FreeFetch = fetches[fetch].NextFree;
        fetches[fetch] = new FetchState
        {
            Gfn = gfn, FirstWaiter = 0, LastWaiter = -1, Owner = -1, Status = FetchStatus.Wanted,
            Disposition = (byte)disposition, OnDemand = onDemand,
        };
        byGfn[(long)gfn] = fetch + 1;
        return fetch;
    }

    /// <summary>The content is in guest memory: from now on a new waiter is refused.</summary>
    public void Arrive(int fetch) => fetches[fetch].Status = FetchStatus.Arrived;

    /// <summary>The arrival is published: the entry is closed and everybody blocked on it goes on.</summary>
    public void Close(int fetch)
    {
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
        ref var vm = ref machine.Vm;
        completed[(vm.CompletedHead + vm.CompletedCount) % Capacity] = fetch;
        vm.CompletedCount++;
    }

    public bool TryPopCompleted(out int fetch)
    {
        ref var vm = ref machine.Vm;
        fetch = -1;
        if (vm.CompletedCount == 0)
        {
            return false;
        }

        fetch = completed[vm.CompletedHead];
        vm.CompletedHead = (vm.CompletedHead + 1) % Capacity;
        vm.CompletedCount--;
        return true;
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
