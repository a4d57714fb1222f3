using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Machines.Vmm;

/// <summary>Actors beside the vCPUs: I/O threads, the device that completes fetches, the prefetcher (or background
/// stream), the re-arming thread, and KVM's worker.</summary>
internal sealed class ServiceThreads(Machine machine)
{
    /// <summary>What an idle I/O thread waits for.</summary>
    public const int IdleIoThread = -1;

    private readonly EncodingCalls _calls = machine.Calls;
    private readonly HostileThread _hostile = new(machine);
    private readonly VmRestore? _restore = machine.Config.Restores is null ? null : new(machine);

    private FetchTable FetchTable => machine.FetchTable;

    public void Start()
    {
        for (var io = 0; io < machine.Config.IoThreads; io++)
        {
            machine.Block(machine.Config.Vcpus + io, BlockReason.Idle, IdleIoThread);
        }

        if (machine.Config.PrefetchDepth > 0)
        {
            machine.Wake(machine.PrefetchActor);
        }

        if (machine.Config.Environment.HostileActs > 0)
        {
            _hostile.Start();
        }
        else if (machine.Config.Rearms)
        {
            machine.Actors[machine.RearmActor].Step = ServiceStep.Wait;
            machine.Wake(machine.RearmActor);
        }
    }

    public void Step(int actor)
    {
        ref var state = ref machine.Actors[actor];
        if (actor < machine.DeviceActor)
        {
            IoThread(actor, ref state);
        }
        else if (actor == machine.DeviceActor)
        {
            Device(actor);
        }
        else if (actor == machine.PrefetchActor)
        {
            Prefetcher(actor, ref state);
        }
        else if (state.Step == ServiceStep.Hostile)
        {
            _hostile.Step(actor, ref state);
        }
        else if (actor == machine.RearmActor)
        {
            Rearmer(actor, ref state);
        }
        else
        {
            Worker(actor, ref state);
        }
    }

    /// <summary>KVM's workqueue: one item at a time, its argument latched for as long as it runs.</summary>
    private void Worker(int actor, ref ActorState state)
    {
        if (machine.Config.KernelApf && machine.Vm.WorkCount == 0 && state.Step != ServiceStep.Work)
        {
            machine.KernelApf.WorkerStep(actor);
            return;
        }

        if (state.Step != ServiceStep.Work)
        {
            if (!machine.Work.TryTake(out state.Gfn))
            {
                machine.Block(actor, BlockReason.Idle, actor);
                return;
            }

            machine.Clock.Spend(Cost.ThreadWake);
            state.Step = ServiceStep.Work;
        }

        if (_calls.OnWork(actor, state.Gfn))
        {
            state.Step = ServiceStep.Take;
        }
    }

    private void IoThread(int actor, ref ActorState state)
    {
        switch (state.Step)
        {
            case ServiceStep.Take:
                var anyOrder = machine.Config.InstantDevice;
                var eventfdFirst = anyOrder && machine.Vm.CompletedCount > 0 && machine.Vm.SignalledEventfds > 0
                    && machine.Choices.Choose(ChoiceKind.IoWork, 0, 2) == 1;
                if (!eventfdFirst && FetchTable.TryPopCompleted(out state.Fetch, anyOrder))
                {
                    state.Step = FetchTable[state.Fetch].Status == FetchStatus.Wanted ? ServiceStep.Read
                        : ServiceStep.Place;
                }
                else if (machine.Eventfds.TryTakeSignalled(out state.Fetch, anyOrder))
                {
                    state.Step = ServiceStep.Eventfd;
                }
                else
                {
                    state.Slept = true;
                    machine.Block(actor, BlockReason.Idle, IdleIoThread);
                    return;
                }

                if (machine.Config.Backing != Backing.Swap) // there the end of the I/O places the page, and no thread
                {
                    machine.Clock.Spend(state.Slept ? Cost.ThreadWake : Cost.BookOperation);
                }

                state.Slept = false;
                break;
            case ServiceStep.Read:
                state.Step = machine.Userfaultfd.Read(state.Fetch) ? ServiceStep.Place : ServiceStep.Take;
                break;
            case ServiceStep.Place:
                state.Step = machine.Vmm.TryPlaceContent(-1, state.Fetch) ? ServiceStep.Publish : ServiceStep.Take;
                break;
            case ServiceStep.Eventfd:
                if (_calls.OnEventfd(actor, machine.Eventfds.NameOf(state.Fetch)))
                {
                    state.Step = ServiceStep.Take;
                }

                break;
            default:
                if (!_calls.OnContentArrived(actor, machine.GfnOf(FetchTable[state.Fetch].Gfn)))
                {
                    return;
                }

                machine.Userfaultfd.WakeSleepers(FetchTable[state.Fetch].Gfn);
                var ahead = !FetchTable[state.Fetch].OnDemand;
                FetchTable.Close(state.Fetch);
                state.Step = ServiceStep.Take;
                if (ahead)
                {
                    machine.Vm.PrefetchInFlight--;
                    if (machine.Actors[machine.PrefetchActor].Blocked == BlockReason.Idle)
                    {
                        machine.Wake(machine.PrefetchActor);
                    }
                }

                break;
        }
    }

    private void Device(int actor)
    {
        machine.Clock.Spend(Cost.GuestAccess);
        var fetch = machine.Choices.Choose(ChoiceKind.FetchCompletes, 0, machine.Vm.UnderWay);
        CompleteFetch(fetch);
        if (machine.Vm.UnderWay == 0)
        {
            machine.Block(actor, BlockReason.Idle, actor);
        }
    }

    public void CompleteFetch(int fetch)
    {
        machine.Vm.UnderWay--;
        FetchTable[fetch].Status = FetchStatus.Fetched;
        var owner = FetchTable[fetch].Owner;
        if (owner >= 0)
        {
            machine.Wake(owner);
            return;
        }

        GiveToIoThread(fetch);
    }

    /// <summary>A completed fetch that an I/O thread is to place.</summary>
    public void GiveToIoThread(int fetch)
    {
        FetchTable.PushCompleted(fetch);
        for (var io = machine.Config.Vcpus; io < machine.DeviceActor; io++)
        {
            if (machine.Actors[io].Blocked == BlockReason.Idle)
            {
                machine.Wake(io);
                return;
            }
        }
    }

    private void Prefetcher(int actor, ref ActorState state)
    {
        ref var vm = ref machine.Vm;
        if (state.Step == ServiceStep.Take)
        {
            if (vm.PrefetchInFlight >= machine.Config.PrefetchDepth)
            {
                machine.Block(actor, BlockReason.Idle, actor);
                return;
            }

            var target = vm.LiveVcpus == 0 ? 0
                : machine.Choices.Choose(ChoiceKind.PrefetchTarget, vm.PrefetchIndex, (int)machine.Config.Gfns + 1);
            if (target == 0)
            {
                machine.Block(actor, BlockReason.Finished, actor);
                return;
            }

            machine.Clock.Spend(Cost.BookOperation);
            state.Gfn = (ulong)target - 1;
            vm.PrefetchIndex++;
            if (IsMissing(state.Gfn))
            {
                machine.Driver.Delay(DelayKind.PrefetchInterval, vm.PrefetchIndex);
                state.Step = ServiceStep.Wait;
            }

            if (!machine.Config.InstantDevice)
            {
                return; // the interval may be long; without a clock it might as well be none
            }
        }

        if (state.Step == ServiceStep.Wait)
        {
            machine.Clock.Spend(Cost.BookOperation);
            state.Step = ServiceStep.Take;
            if (IsMissing(state.Gfn))
            {
                state.Fetch = FetchTable.Open(state.Gfn, Disposition.Async, onDemand: false);
                vm.PrefetchInFlight++;
                state.Step = ServiceStep.FetchStarted;
            }

            return;
        }

        if (!state.InOperation)
        {
            state.Chosen = (byte)machine.Vmm.Predict(ChoiceKind.FetchPrediction, state.Gfn);
        }

        if (_calls.OnFetchStarted(actor, new(machine.GfnOf(state.Gfn), OnDemand: false, (Prediction)state.Chosen)))
        {
            state.Step = ServiceStep.Take;
            machine.Vmm.Issue(state.Fetch, owner: -1);
        }
    }

    private bool IsMissing(ulong gfn) => FetchTable.Find(gfn) < 0 && !FetchTable.HasArrived(gfn);

    /// <summary>Re-arming (<see cref="RearmWay"/>). A page is armed before its content goes (rule V1): a fetch that an
    /// I/O thread starts for it from then on disarms it again, and one before finds the content there. The other way
    /// round such a fetch comes to an end between the two, and leaves a page that is there and armed.</summary>
    private void Rearmer(int actor, ref ActorState state)
    {
        ref var vm = ref machine.Vm;
        switch (state.Step)
        {
            case ServiceStep.Wait:
                if (vm.LiveVcpus == 0
                    || (machine.Config.RearmRounds > 0 && vm.RearmIndex >= (ulong)machine.Config.RearmRounds))
                {
                    machine.Block(actor, BlockReason.Finished, actor);
                    return;
                }

                machine.Driver.Delay(DelayKind.RearmInterval, vm.RearmIndex);
                machine.Clock.Spend(Cost.BookOperation);
                state.Step = machine.Config.PausesToRearm ? ServiceStep.PauseAll : ServiceStep.SlotOff;
                break;
            case ServiceStep.PauseAll:
                if (!AllParked(actor, ref vm))
                {
                    return;
                }

                state.Step = _restore is null ? ServiceStep.SlotOff : ServiceStep.Restore;
                break;
            case ServiceStep.Restore:
                _restore!.Run();
                Resume(ref state, ref vm);
                break;
            case ServiceStep.SlotOff:
                if (UpdateMemslot(actor, ref state, on: false))
                {
                    vm.RearmNext = 0;
                    state.Step = ServiceStep.Pick;
                }

                break;
            case ServiceStep.Pick:
                var target = machine.Choices.Choose(ChoiceKind.RearmTarget, (vm.RearmIndex << 32) | vm.RearmNext++,
                    (int)machine.Config.Gfns + 1);
                machine.Clock.Spend(Cost.BookOperation);
                if (target == 0)
                {
                    state.Step = ServiceStep.SlotOn;
                }
                else if (machine.Vmm.MayBeRearmed((ulong)target - 1))
                {
                    state.Gfn = (ulong)target - 1;
                    state.Step = machine.Config.Breaks(Rules.V1ArmFirst) ? ServiceStep.Discard : ServiceStep.Arm;
                }

                break;
            case ServiceStep.Arm:
                if (!state.InOperation)
                {
                    state.Chosen = (byte)machine.Vmm.Predict(ChoiceKind.ArmPrediction, state.Gfn);
                }

                if (_calls.OnArm(actor, new(machine.GfnOf(state.Gfn), 1, (Prediction)state.Chosen)))
                {
                    state.Step = machine.Config.Breaks(Rules.V1ArmFirst) ? AfterPage() : ServiceStep.Discard;
                }

                break;
            case ServiceStep.Discard:
                machine.Clock.Spend(Cost.Discard);
                if (!FetchTable.TryForget(state.Gfn)) // only this thread makes a page go that is there
                {
                    FetchTable.MarkGone(state.Gfn);
                }

                machine.Memory.Discard(state.Gfn);
                state.Step = machine.Config.Breaks(Rules.V1ArmFirst) ? ServiceStep.Arm : AfterPage();
                break;
            default:
                if (!UpdateMemslot(actor, ref state, on: true))
                {
                    return;
                }

                Resume(ref state, ref vm);
                break;
        }
    }

    /// <summary>The page is let go: exits that wait to look it up go on.</summary>
    private ServiceStep AfterPage()
    {
        machine.WakeAll(BlockReason.Rearming, machine.RearmActor);
        return machine.Config.RearmsOnePage ? ServiceStep.SlotOn : ServiceStep.Pick;
    }

    private void Resume(ref ActorState state, ref VmState vm)
    {
        vm.RearmIndex++;
        vm.PauseRequested = false;
        machine.KernelApf.WakeWorkers();
        for (var vcpu = 0; vcpu < machine.Config.Vcpus; vcpu++)
        {
            if (machine.Actors[vcpu].Blocked == BlockReason.Pause)
            {
                machine.Wake(vcpu);
            }
        }

        state.Step = ServiceStep.Wait;
    }

    /// <summary>KVM_SET_USER_MEMORY_REGION2: mappings first, then the encoding is told; false while it is at
    /// it.</summary>
    private bool UpdateMemslot(int actor, ref ActorState state, bool on)
    {
        if (machine.Config.Interception != Interception.Memslot || machine.Config.RearmBy == RearmWay.Discard)
        {
            return true; // discarding is all it takes
        }

        if (!state.InOperation)
        {
            machine.Clock.Spend(Cost.MemslotUpdate);
            machine.Memslot.SetUserfault(on);
        }

        return _calls.OnMemslotChange(actor, new(on, !on));
    }

    private bool AllParked(int actor, ref VmState vm)
    {
        var first = !vm.PauseRequested;
        vm.PauseRequested = true;
        var all = true;
        for (var vcpu = 0; vcpu < machine.Config.Vcpus; vcpu++)
        {
            // A thread in the middle of its exit handler is not parked: it may be about to publish what is discarded
            // next.
            if (machine.Actors[vcpu].Blocked is not (BlockReason.Pause or BlockReason.Finished))
            {
                all = false;
                if (first)
                {
                    machine.PullOut(vcpu);
                }
            }
        }

        machine.Clock.Spend(Cost.Kick);
        if (!all)
        {
            machine.Block(actor, BlockReason.Pause, actor);
        }

        return all;
    }
}
