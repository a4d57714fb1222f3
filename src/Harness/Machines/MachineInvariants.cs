using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using UapiLab.Harness.Machines.Kvm;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Machines;

/// <summary>What is true of a machine between two steps, whatever the encoding, the guest and userspace do.</summary>
internal static class MachineInvariants
{
    /// <summary>More frames than this are not walked one by one.</summary>
    private const int MostFrames = 256;

    /// <summary>Walks the state, in Debug only.</summary>
    [Conditional("DEBUG")]
    public static void Assert(Machine machine)
    {
        if (Broken(machine) is { } what)
        {
            Debug.Fail(what);
        }
    }

    /// <summary>A walk costs some nanoseconds a place, a step some hundred. What is wrong stays wrong: a walk now and
    /// then finds it too, and tests are to be quick.</summary>
    public static int StepsBetweenWalks(Machine machine) =>
        8 * (4 + (((machine.FetchTable.Capacity * 3) + machine.ActorCount + (int)machine.Apf.Items.Count) / 4));

    /// <summary>The first invariant that does not hold, in words; null if all do.</summary>
    public static string? Broken(Machine machine)
    {
        var walk = new Walk(machine);
        for (var vcpu = 0; vcpu < machine.Config.Vcpus; vcpu++)
        {
            walk.Vcpu(vcpu);
            walk.Queue(vcpu);
            walk.Guest(vcpu);
        }

        walk.Actors();
        walk.Fetches();
        walk.Waiters();
        walk.Counts();
        return walk.What;
    }

    private struct Walk(Machine machine)
    {
        /// <summary>What was found first.</summary>
        public string? What { get; private set; }

        public void Vcpu(int vcpu)
        {
            ref var v = ref machine.Vcpus[vcpu];
            ref var actor = ref machine.Actors[vcpu];
            Must(v.Step <= VcpuStep.FaultAsync, $"vCPU {vcpu} is at a step that does not exist");
            Must(
                v.Handler is VcpuStep.GuestRun or VcpuStep.GuestNotPresent or VcpuStep.GuestReadyIrq
                    or VcpuStep.GuestBoot,
                $"vCPU {vcpu} is to start {v.Handler} again, which is no handler of the guest");
            Must(!VcpuSteps.InReady(v.Step) || IsOwnSlot(vcpu, v.ReadySlot),
                $"vCPU {vcpu} delivers slot {v.ReadySlot}");
            Must(!VcpuSteps.InVmm(v.Step) || v.Fetch < machine.FetchTable.Capacity,
                $"vCPU {vcpu} is at fetch {v.Fetch}");
            Must(
                v.Fetch >= 0 || !v.Owner || !VcpuSteps.InVmm(v.Step)
                    || v.Step is VcpuStep.VmmExit or VcpuStep.VmmPublish,
                $"vCPU {vcpu} owns a fetch and has none");
            Must(actor.Blocked != BlockReason.ApfHalt || v.Step == VcpuStep.ApfHalted,
                $"vCPU {vcpu} sleeps halted at {v.Step}");
            Must(actor.Blocked != BlockReason.GuestHalt || v.Step == VcpuStep.GuestHalted,
                $"vCPU {vcpu} sleeps in HLT at {v.Step}");
        }

        /// <summary>A slot is on the queue exactly if it is not free; what is on the done list is the vCPU's
        /// own.</summary>
        public void Queue(int vcpu)
        {
            ref var v = ref machine.Vcpus[vcpu];
            var apf = machine.Apf;
            var each = apf.SlotsEach;
            if (!Must(v.Queued >= 0 && v.Queued <= each, $"vCPU {vcpu} has {v.Queued} APFs queued, of {each}")
                || !Must(v.DoneCount >= 0 && v.DoneCount <= apf.DonePerVcpu, $"vCPU {vcpu} has {v.DoneCount} APFs done")
                || !Must(v.DoneHead >= 0 && v.DoneHead < apf.DonePerVcpu,
                    $"the done list of vCPU {vcpu} begins at {v.DoneHead}"))
            {
                return;
            }

            var inUse = 0;
            for (var slot = vcpu * each; slot < (vcpu + 1) * each; slot++)
            {
                inUse += apf.Item(slot).Status is ApfStatus.Free or ApfStatus.Stale ? 0 : 1;
            }

            Must(inUse == v.Queued, $"vCPU {vcpu} has {inUse} slots in use and {v.Queued} queued");
            for (var place = 0; place < v.Queued; place++)
            {
                var slot = apf.At(vcpu, place);
                Must(IsOwnSlot(vcpu, slot) && apf.Item(slot).Status != ApfStatus.Free,
                    $"vCPU {vcpu} has slot {slot} queued");
            }

            for (var place = 0; place < v.DoneCount; place++)
            {
                var slot = apf.DoneRing[((long)vcpu * apf.DonePerVcpu) + ((v.DoneHead + place) % apf.DonePerVcpu)];
                Must(IsOwnSlot(vcpu, slot), $"vCPU {vcpu} has slot {slot} on its done list");
            }
        }

        public void Guest(int vcpu)
        {
            ref var v = ref machine.Vcpus[vcpu];
            Must(v.CurrentTask == -1 || IsOwnTask(vcpu, v.CurrentTask), $"vCPU {vcpu} runs task {v.CurrentTask}");
            Must(v.WokenTask == 0 || IsOwnTask(vcpu, v.WokenTask - 1), $"vCPU {vcpu} has woken task {v.WokenTask - 1}");
            Must(v.Dummies >= 0 && v.Dummies <= machine.Guest.DummyPlaces,
                $"vCPU {vcpu} holds {v.Dummies} early wakes");
            Must(!IsOwnTask(vcpu, v.CurrentTask) || machine.Tasks[v.CurrentTask].Status == TaskStatus.Runnable,
                $"vCPU {vcpu} runs task {v.CurrentTask}, which cannot run");
        }

        /// <summary>An actor sleeps for what exists and has not come yet.</summary>
        public void Actors()
        {
            for (var actor = 0; actor < machine.ActorCount; actor++)
            {
                ref var a = ref machine.Actors[actor];
                Must(a.LogWords >= 0 && a.LogWords <= machine.Config.LogLimit,
                    $"actor {actor} was given {a.LogWords} words");
                switch (a.Blocked)
                {
                    case BlockReason.WaitFetch or BlockReason.LookupSleep:
                        Must(
                            (uint)a.BlockedOn < machine.FetchTable.Capacity
                                && machine.FetchTable[a.BlockedOn].Status != FetchStatus.Free,
                            $"actor {actor} waits for fetch {a.BlockedOn}, which is closed");
                        break;
                    case BlockReason.Lock:
                        Must((uint)a.BlockedOn < machine.Locks.Owners.Count && machine.Locks.Owners[a.BlockedOn] != 0,
                            $"actor {actor} waits for lock {a.BlockedOn}, which is free");
                        break;
                }
            }

            for (var i = 0; i < machine.Locks.Owners.Count; i++)
            {
                var owner = machine.Locks.Owners[i];
                Must(owner >= 0 && owner <= machine.ActorCount, $"lock {i} is held by actor {owner - 1}");
            }
        }

        /// <summary>The book and the frames refer to each other; of a small slot, frame by frame.</summary>
        public void Fetches()
        {
            var fetchTable = machine.FetchTable;
            var open = 0;
            for (var fetch = 0; fetch < fetchTable.Capacity; fetch++)
            {
                ref var entry = ref fetchTable[fetch];
                if (entry.Status != FetchStatus.Free)
                {
                    open++;
                    Must(entry.Gfn < (ulong)machine.Config.Gfns && fetchTable.Find(entry.Gfn) == fetch,
                        $"fetch {fetch} is of frame {entry.Gfn}, whose fetch it is not");
                    Must(entry.Owner >= -1 && entry.Owner < machine.Config.Vcpus,
                        $"fetch {fetch} belongs to actor {entry.Owner}");
                }
            }

            for (long gfn = 0; gfn < machine.Config.Gfns && machine.Config.Gfns <= MostFrames; gfn++)
            {
                var fetch = fetchTable.Find((ulong)gfn);
                Must(fetch < fetchTable.Capacity && (fetch < 0 || fetchTable[fetch].Gfn == (ulong)gfn),
                    $"frame {gfn} has fetch {fetch}");
            }

            if (machine.Config.Gfns > fetchTable.Capacity)
            {
                var free = 0;
                for (var at = machine.Vm.FreeFetch; at >= 0
                    && free <= fetchTable.Capacity; at = fetchTable[at].NextFree)
                {
                    free++;
                }

                Must(free + open == fetchTable.Capacity,
                    $"{open} fetches are open and {free} are free, of {fetchTable.Capacity}");
            }
        }

        /// <summary>Every place for a waiter is on exactly one list.</summary>
        public void Waiters()
        {
            var places = machine.FetchTable.Waiters;
            long found = 0;
            for (var at = machine.Vm.FreeWaiter; at >= 0 && found <= places.Count; at = places[at].Next)
            {
                found++;
            }

            for (var fetch = 0; fetch < machine.FetchTable.Capacity && found <= places.Count; fetch++)
            {
                ref var entry = ref machine.FetchTable[fetch];
                var last = entry.LastWaiter;
                for (var at = entry.FirstWaiter - 1; at >= 0 && found <= places.Count; at = places[at].Next)
                {
                    found++;
                    last = at;
                }

                Must(entry.FirstWaiter == 0 || last == entry.LastWaiter,
                    $"the last waiter of fetch {fetch} is not on its list");
            }

            Must(found == places.Count, $"{found} places for waiters are on lists, of {places.Count}");
        }

        /// <summary>What is counted is as many.</summary>
        public void Counts()
        {
            ref var vm = ref machine.Vm;
            var capacity = machine.FetchTable.Capacity;
            Must(vm.LiveVcpus >= 0 && vm.LiveVcpus <= machine.Config.Vcpus, $"{vm.LiveVcpus} vCPUs are live");
            Must(vm.WorkCount >= 0 && vm.WorkCount <= machine.Work.Arguments.Count,
                $"{vm.WorkCount} work items are queued");
            Must((uint)vm.WorkHead < machine.Work.Arguments.Count, $"the queue of work items begins at {vm.WorkHead}");
            Must(vm.PrefetchInFlight >= 0 && vm.PrefetchInFlight <= machine.Config.PrefetchDepth,
                $"{vm.PrefetchInFlight} prefetches are under way");
            if (Must(vm.CompletedCount >= 0 && vm.CompletedCount <= capacity,
                $"{vm.CompletedCount} fetches have completed")
                && Must((uint)vm.CompletedHead < capacity,
                    $"the ring of completed fetches begins at {vm.CompletedHead}"))
            {
                for (var i = 0; i < vm.CompletedCount; i++)
                {
                    var fetch = machine.FetchTable.Completed[(vm.CompletedHead + i) % capacity];
                    Must(
                        (uint)fetch < capacity
                            && machine.FetchTable[fetch].Status is FetchStatus.Fetched or FetchStatus.Wanted,
                        $"fetch {fetch} is to be placed");
                }
            }

            var signalled = 0;
            for (var i = 0; i < machine.Eventfds.Signalled.Count; i++)
            {
                signalled += machine.Eventfds.Signalled[i] != 0 ? 1 : 0;
            }

            Must(signalled == vm.SignalledEventfds,
                $"{signalled} eventfds are signalled, and {vm.SignalledEventfds} are counted");
        }

        private readonly bool IsOwnSlot(int vcpu, int slot) => slot >= 0 && slot / machine.Apf.SlotsEach == vcpu;

        private readonly bool IsOwnTask(int vcpu, int task) => task >= 0 && task / machine.Config.TasksPerVcpu == vcpu;

        private bool Must(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] Otherwise otherwise)
        {
            What ??= holds ? null : otherwise.Text;
            return holds;
        }
    }

    /// <summary>What is said if a condition does not hold; costs nothing if it does.</summary>
    [InterpolatedStringHandler]
    private ref struct Otherwise
    {
        private DefaultInterpolatedStringHandler _text;

        public Otherwise(int literalLength, int formattedCount, bool holds, out bool isWanted)
        {
            isWanted = !holds;
            _text = holds ? default : new(literalLength, formattedCount, CultureInfo.InvariantCulture);
        }

        public string Text => _text.ToStringAndClear();

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);
    }
}
