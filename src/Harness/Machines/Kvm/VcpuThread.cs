using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Machines.Kvm;

/// <summary>The vCPU thread: guest, KVM's fault path and run loop, and the VMM's exit handler, one micro-step at a
/// time.</summary>
internal sealed class VcpuThread(Machine machine)
{
    private const int LivelockFaults = 1_000;

    /// <summary>KVM_MEMORY_EXIT_FLAG_PRIVATE.</summary>
    private const ulong PrivateFlag = 1UL << 3;

    private readonly EncodingCalls _calls = machine.Calls;
    private readonly VmmThread _vmm = machine.Vmm;

    public void Step(int vcpu)
    {
        ref var v = ref machine.Vcpus[vcpu];
        if (machine.Vm.ResetsLeft > 0 && TakesReset(vcpu, ref v))
        {
            return;
        }

        if (v.Step == VcpuStep.RunEntry && !machine.Actors[vcpu].InOperation && Prefaults(vcpu, ref v))
        {
            return;
        }

        switch (v.Step)
        {
            case VcpuStep.GuestRun:
                machine.Guest.Run(vcpu);
                break;
            case VcpuStep.GuestComputing:
                machine.Guest.EndCompute(vcpu);
                break;
            case VcpuStep.GuestNotPresent:
                machine.Guest.HandleNotPresent(vcpu);
                break;
            case VcpuStep.GuestReadyIrq:
                machine.Guest.HandleReady(vcpu);
                break;
            case VcpuStep.Prefault:
                Prefault(vcpu, ref v);
                break;
            case VcpuStep.GuestBoot:
                machine.Guest.Boot(vcpu);
                break;
            case VcpuStep.FaultSnapshot:
                Snapshot(vcpu, ref v);
                break;
            case VcpuStep.FaultCheck:
                Check(vcpu, ref v);
                break;
            case VcpuStep.FaultLookup:
                LookUp(vcpu, ref v);
                break;
            case VcpuStep.FaultMap:
                Map(vcpu, ref v);
                break;
            case VcpuStep.FaultAsync:
                StartAsync(vcpu, ref v);
                break;
            case VcpuStep.LookupSleep:
                LookupWoken(ref v);
                break;
            case VcpuStep.RunEntry:
                RunEntry(vcpu, ref v);
                break;
            case VcpuStep.RunLoop:
                RunLoop(vcpu, ref v);
                break;
            case VcpuStep.ReadyPop:
                ReadyPop(vcpu, ref v);
                break;
            case VcpuStep.ReadyPrefetch:
                ReadyPrefetch(vcpu, ref v);
                break;
            case VcpuStep.ReadyPresent:
                if (!WaitsForApfLock(vcpu))
                {
                    machine.Clock.Spend(Cost.LockOperation);
                    machine.Apf.Present(vcpu, v.ReadySlot);
                    v.Step = VcpuStep.ReadyDelivered;
                }

                break;
            case VcpuStep.ReadyDelivered:
                ReadyDelivered(vcpu, ref v);
                break;
            case VcpuStep.BeforeHalt:
                BeforeHalt(vcpu, ref v);
                break;
            case VcpuStep.ApfHalted:
            case VcpuStep.GuestHalted:
                Halt(vcpu, ref v);
                break;
            case VcpuStep.QueueClearing:
                if (_calls.OnQueueClearing(vcpu, machine.Guest.WhyCleared(vcpu)))
                {
                    machine.Apf.ReportKeptMemory(vcpu);
                    v.Step = VcpuStep.QueueClear;
                }

                break;
            case VcpuStep.QueueClear:
                if (!machine.KernelApf.WaitsForWorkers(vcpu) && !WaitsForApfLock(vcpu))
                {
                    machine.Clock.Spend(Cost.LockOperation);
                    machine.Apf.Clear(vcpu, machine.Guest.WhyCleared(vcpu));
                    v.Step = VcpuStep.QueueCleared;
                }

                break;
            case VcpuStep.QueueCleared:
                if (_calls.OnQueueCleared(vcpu, machine.Guest.WhyCleared(vcpu)))
                {
                    machine.Guest.OnQueueCleared(vcpu);
                    v.Step = VcpuStep.RunLoop;
                    EndReset(vcpu, ref v);
                }

                break;
            case VcpuStep.RunReturn:
                RunReturn(vcpu, ref v);
                break;
            case VcpuStep.Paused:
                v.Step = VcpuStep.RunEntry;
                break;
            case VcpuStep.Done:
                machine.Block(vcpu, BlockReason.Finished, vcpu);
                machine.Locks.Release(LockTable.VcpuMutex, vcpu, vcpu);
                if (--machine.Vm.LiveVcpus == 0 || machine.Vm.PauseRequested)
                {
                    machine.WakeAll(BlockReason.Pause, machine.RearmActor);
                }

                break;
            default:
                _vmm.Step(vcpu, ref v);
                break;
        }
    }

    /// <summary>Rule Z3: where an INIT is taken, if one comes, and where userspace may reset a vCPU.</summary>
    private bool TakesReset(int vcpu, ref VcpuState v)
    {
        var isOutside = v.Step is VcpuStep.RunEntry or VcpuStep.VmmExit;
        var isPossible = v.Step switch
        {
            VcpuStep.RunEntry or VcpuStep.VmmExit => !machine.Actors[vcpu].InOperation,
            VcpuStep.RunLoop => !v.RequestHalt && !v.RequestReady && !v.ApfHalted && !v.GuestHlt,
            VcpuStep.GuestRun => !v.Kicked,
            VcpuStep.ApfHalted or VcpuStep.GuestHalted => true,
            _ => false,
        };
        if (!isPossible || v.Resetting || machine.Vm.PauseRequested
            || (machine.Config.Environment.ResetBy == ResetWay.Userspace && !isOutside)
            || machine.Choices.Choose(ChoiceKind.Reset, (ulong)vcpu, 2) == 0)
        {
            return false;
        }

        if (isOutside && !machine.Locks.TryTake(LockTable.VcpuMutex, vcpu, vcpu))
        {
            machine.Locks.Wait(LockTable.VcpuMutex, vcpu, vcpu);
            return true; // and may choose again
        }

        machine.Vm.ResetsLeft--;
        machine.Emit(MachineEventKind.VcpuReset, vcpu, 0, (ulong)machine.Apf.Outstanding(vcpu));
        BeginReset(ref v);
        v.Resetting = true;
        v.FaultIsOld = true;
        v.Resume = isOutside ? v.Step : VcpuStep.RunLoop;
        v.Step = VcpuStep.QueueClearing;
        return true;
    }

    /// <summary>What the VMM may do with a vCPU before it calls KVM_RUN.</summary>
    /// <returns>Whether it has a page faulted in first.</returns>
    private bool Prefaults(int vcpu, ref VcpuState v)
    {
        if (machine.Vm.EventDropsLeft > 0 && v.PfPending && !machine.Locks.IsHeld(LockTable.VcpuMutex, vcpu)
            && machine.Choices.Choose(ChoiceKind.DropEvent, (ulong)vcpu, 2) == 1)
        {
            machine.Vm.EventDropsLeft--;
            machine.Apf.DropNotPresent(vcpu);
        }

        if (machine.Vm.PrefaultsLeft > 0
            && machine.Choices.Choose(ChoiceKind.Prefault, (ulong)vcpu, (int)machine.Config.Gfns + 1) is var gfn and > 0
            && (machine.Config.Backing != Backing.Userfaultfd || machine.Memory.HasContent((ulong)gfn - 1)))
        {
            machine.Vm.PrefaultsLeft--;
            v.FaultGfn = (ulong)gfn - 1;
            v.Step = VcpuStep.Prefault;
            return true;
        }

        return false;
    }

    /// <summary>Rules Z2, Z4 and Z5: what goes with the old life besides the queue.</summary>
    private void BeginReset(ref VcpuState v)
    {
        v.PfPending = false;
        v.IrqPending = false;
        v.GuestHlt = false;
        v.ApfHalted &= machine.Config.Environment.ResetBy == ResetWay.Userspace
            && !machine.Config.Breaks(Rules.Z5KeepsHalt);
        v.RequestHalt &= !machine.Config.Breaks(Rules.Z4KeepsRequests);
    }

    private void EndReset(int vcpu, ref VcpuState v)
    {
        if (!v.Resetting)
        {
            return;
        }

        v.Resetting = false;
        v.Step = v.Resume;
        if (v.Resume != VcpuStep.RunLoop)
        {
            machine.Locks.Release(LockTable.VcpuMutex, vcpu, vcpu);
        }
    }

    /// <summary>Rule F1: the invalidate sequence is read before anything the fault decides on.</summary>
    private void Snapshot(int vcpu, ref VcpuState v)
    {
        v.Disposition = _vmm.DispositionAtFault(v.FaultGfn);
        machine.Clock.Spend(Cost.FaultPath);
        v.SequenceSnapshot = machine.Vm.InvalidateSequence;
        if (v.FaultIsPrivate != machine.Memory.IsPrivate(v.FaultGfn))
        {
            Mismatch(ref v);
            return;
        }

        machine.SharedMemory.BeginFault(vcpu);
        v.MapReadOnly = false;
        v.FaultIsOld = false;
        v.FaultsInARow = v.LastFault == v.FaultGfn + 1 ? v.FaultsInARow + 1 : 0;
        v.LastFault = v.FaultGfn + 1;
        if (v.FaultsInARow == LivelockFaults)
        {
            machine.Violate(ViolationKind.Livelock, vcpu, v.FaultGfn);
        }

        v.Step = machine.Vm.Userfault ? VcpuStep.FaultCheck : VcpuStep.FaultLookup;
    }

    /// <summary>Rule F8: the VMM is told what the access was, and calls KVM_RUN again.</summary>
    private static void Mismatch(ref VcpuState v)
    {
        v.Exit = RunExit.Mismatch;
        v.ExitFlags = v.FaultIsPrivate ? PrivateFlag : 0;
        v.ExitExtra = 0;
        v.Step = VcpuStep.RunReturn;
    }

    /// <summary>Rule F2: the userfault check comes after the snapshot and before the pfn look-up.</summary>
    private void Check(int vcpu, ref VcpuState v)
    {
        var fault = new GuestFault(vcpu, machine.GfnOf(v.FaultGfn), v.FaultAccess, Prefetch: false)
        {
            IsPrivate = v.FaultIsPrivate,
        };
        if (!_calls.OnGuestFault(vcpu, fault, out var answer))
        {
            return;
        }

        switch (answer.Verdict)
        {
            case FaultVerdict.Map:
                v.Step = VcpuStep.FaultLookup;
                break;
            case FaultVerdict.MapReadOnly:
                v.MapReadOnly = true;
                v.Step = VcpuStep.FaultLookup;
                break;
            case FaultVerdict.Retry:
                v.Step = VcpuStep.RunLoop;
                break;
            default:
                v.Exit = RunExits.Of(answer.Verdict);
                v.ExitFlags = v.Exit.Row().HasFaultInfo ? answer.Flags | (v.FaultIsPrivate ? PrivateFlag : 0) : 0;
                v.ExitExtra = answer.Extra;
                v.Step = VcpuStep.RunReturn;
                break;
        }
    }

    /// <summary>Rule F3: what the pfn look-up does on a page without content depends on the memory
    /// underneath.</summary>
    private void LookUp(int vcpu, ref VcpuState v)
    {
        machine.Clock.Spend(Cost.MapPage);
        SpendContention(vcpu);
        v.SequenceSnapshot = machine.Config.Breaks(Rules.F1Snapshot) ? machine.Vm.InvalidateSequence
            : v.SequenceSnapshot;
        v.Step = VcpuStep.FaultMap;
        if (machine.KvmRun.Refuses(v.FaultGfn))
        {
            v.Exit = RunExit.Error;
            v.Step = VcpuStep.RunReturn;
            return;
        }

        if (machine.Memory.HasContent(v.FaultGfn))
        {
            machine.Userfaultfd.OnFound(vcpu);
            return;
        }

        if (machine.Config.LookupWaits && !v.FaultIsPrivate)
        {
            if (machine.Config.Backing == Backing.Swap && _vmm.SwapsIn(vcpu, ref v))
            {
                machine.Userfaultfd.OnFound(vcpu);
                return;
            }

            if (machine.Config.KernelApf)
            {
                v.Step = VcpuStep.FaultAsync;
                return;
            }

            _vmm.SleepInLookup(vcpu, ref v);
        }
    }

    /// <summary>Rule K1: what the attempt did not find becomes an APF, though the page may have come since. If it
    /// cannot, the second look-up waits.</summary>
    private void StartAsync(int vcpu, ref VcpuState v)
    {
        if (machine.KernelApf.TryStart(vcpu, ref v))
        {
            v.Step = VcpuStep.RunLoop;
        }
        else if (machine.Memory.HasContent(v.FaultGfn))
        {
            machine.Userfaultfd.OnFound(vcpu);
            v.Step = VcpuStep.FaultMap;
        }
        else
        {
            _vmm.SleepInLookup(vcpu, ref v);
        }
    }

    /// <summary>Lines that every faulting thread writes (mmu_lock, mmap_lock, counts of pages) travel between their
    /// CPUs.</summary>
    private void SpendContention(int vcpu)
    {
        var each = machine.Clock[Cost.MapContention];
        for (var other = 0; each > 0 && other < machine.Config.Vcpus; other++)
        {
            if (other != vcpu && machine.IsRunnable(other) && !VcpuSteps.InGuest(machine.Vcpus[other].Step))
            {
                machine.Clock.Now += each;
            }
        }
    }

    /// <summary>Rule F5: the page came, and KVM faults again from the start; or a signal did, KVM_RUN returns -EINTR,
    /// and the guest's next attempt asks for the page again.</summary>
    private void LookupWoken(ref VcpuState v)
    {
        machine.Clock.Spend(Cost.ThreadWake);
        if (v.SignalPending && !machine.Memory.HasContent(v.FaultGfn))
        {
            v.SignalPending = false;
            v.Exit = RunExit.Signal;
            v.Step = VcpuStep.RunReturn;
            return;
        }

        v.Step = VcpuStep.FaultSnapshot;
    }

    /// <summary>Rule F4: under mmu_lock, install nothing if an invalidation ended since the snapshot.</summary>
    private void Map(int vcpu, ref VcpuState v)
    {
        machine.Clock.Spend(Cost.LockOperation);
        if (v.SequenceSnapshot == machine.Vm.InvalidateSequence || machine.Config.Breaks(Rules.F4Recheck))
        {
            machine.Memory.Map(v.FaultGfn, !v.MapReadOnly, v.FaultIsPrivate);
            machine.SharedMemory.OnMapped(vcpu, v.FaultGfn);
            machine.Emit(MachineEventKind.PageMapped, vcpu, v.FaultGfn);
        }

        v.Step = VcpuStep.RunLoop;
    }

    private void RunEntry(int vcpu, ref VcpuState v)
    {
        if (!machine.Actors[vcpu].InOperation)
        {
            if (machine.Vm.PauseRequested)
            {
                Pause(vcpu, ref v);
                return;
            }

            if (!machine.Locks.TryTake(LockTable.VcpuMutex, vcpu, vcpu))
            {
                machine.Locks.Wait(LockTable.VcpuMutex, vcpu, vcpu);
                return;
            }

            machine.Clock.Spend(Cost.UserEntry);
            machine.KvmRun.Begin(ref v);
            v.Transient = false;
            v.ImmediateExit = machine.Vm.SignalsLeft > 0 && TakesSignal(ChoiceKind.ImmediateExit, vcpu);
        }

        if (!_calls.OnRun(vcpu, new(vcpu, v.ImmediateExit), out var answer))
        {
            return;
        }

        if (v.ImmediateExit)
        {
            v.ImmediateExit = false;
            v.Exit = RunExit.Signal;
            v.Step = VcpuStep.RunReturn;
            return;
        }

        if (!answer.ExitAgain)
        {
            v.Step = VcpuStep.RunLoop;
            return;
        }

        if (v.FaultIsOld)
        {
            machine.Violate(ViolationKind.OldFault, vcpu, answer.Gfn.Value);
        }

        machine.Emit(MachineEventKind.RunRefused, vcpu, answer.Gfn.Value);
        v.FaultGfn = answer.Gfn.Value;
        v.ExitFlags = answer.Flags;
        v.ExitExtra = answer.Extra;
        v.Exit = RunExit.Fault;
        v.Step = VcpuStep.RunReturn;
    }

    /// <summary>vcpu_enter_guest: requests first (halt, then ready), then one event, exception before
    /// interrupt.</summary>
    private void RunLoop(int vcpu, ref VcpuState v)
    {
        machine.Clock.Spend(Cost.GuestAccess);
        v.Kicked = false;
        if (machine.Vm.PauseRequested)
        {
            v.Exit = RunExit.Pause;
            v.Step = VcpuStep.RunReturn;
            return;
        }

        if (v.ApfHalted || v.GuestHlt)
        {
            v.Step = v.ApfHalted ? VcpuStep.ApfHalted : VcpuStep.GuestHalted;
            return;
        }

        if (v.RequestHalt)
        {
            v.RequestHalt = false;
            v.Step = VcpuStep.BeforeHalt;
            return;
        }

        if (v.RequestReady)
        {
            v.RequestReady = false;
            v.Resume = VcpuStep.RunLoop;
            v.Step = VcpuStep.ReadyPop;
            return;
        }

        if (machine.KvmWriter.Sleeps(vcpu))
        {
            return;
        }

        // Rule A15: signals are looked at last before the entry; an event that was to be injected stays pending.
        if (v.SignalPending || (machine.Vm.SignalsLeft > 0 && TakesSignal(ChoiceKind.Signal, vcpu)))
        {
            v.SignalPending = false;
            v.PfPending &= !machine.Config.Breaks(Rules.A15KeepPending);
            v.Exit = RunExit.Signal;
            v.Step = VcpuStep.RunReturn;
            return;
        }

        var interrupt = v.IrqPending && machine.Guest.InterruptsOn(vcpu);
        if (v.PfPending && !(interrupt && machine.Config.Breaks(Rules.EntryOrder)))
        {
            v.PfPending = false;
            machine.Emit(MachineEventKind.KvmInjException, vcpu, v.PfGfn, v.PfToken);
            if (machine.Apf.ReadyIsQueued(vcpu, v.PfToken))
            {
                v.PfMarks |= ApfMarks.BackToBack;
            }

            v.Step = VcpuStep.GuestNotPresent;
        }
        else if (interrupt)
        {
            v.IrqPending = false;
            machine.Emit(MachineEventKind.KvmInjVirq, vcpu, 0, v.SharedToken);
            v.Step = VcpuStep.GuestReadyIrq;
        }
        else
        {
            v.Step = v.Handler; // the guest runs, or a handler that faulted starts again
        }

        machine.Emit(MachineEventKind.KvmEntry, vcpu);
    }

    private bool TakesSignal(ChoiceKind kind, int vcpu)
    {
        if (machine.Choices.Choose(kind, (ulong)vcpu, 2) == 0)
        {
            return false;
        }

        machine.Vm.SignalsLeft--;
        return true;
    }

    private void ReadyPop(int vcpu, ref VcpuState v)
    {
        if (machine.Area.KvmSleeps(vcpu, ref v) || WaitsForApfLock(vcpu))
        {
            return;
        }

        machine.Clock.Spend(Cost.LockOperation);
        if (!machine.Apf.TryPopDone(vcpu, out v.ReadySlot))
        {
            v.Step = v.Resume;
            return;
        }

        // An entry that was freed meanwhile (a careless encoding appended it twice) has no frame any more; delivering
        // it is reported.
        ref var item = ref machine.Apf.Item(v.ReadySlot);
        v.Step = item.WakeAll || item.Status == ApfStatus.Free ? VcpuStep.ReadyPresent : VcpuStep.ReadyPrefetch;
    }

    /// <summary>Each change of KVM's lists is one micro-step under async_pf.lock. Stock KVM takes it for the done list
    /// alone; what walks the queue from another thread needs the rest (docs/contract.md).</summary>
    private bool WaitsForApfLock(int vcpu)
    {
        if (!machine.Locks.IsHeld(KvmLock.Apf, vcpu))
        {
            machine.SharedMemory.Fence(vcpu);
            return false;
        }

        machine.Locks.Wait(KvmLock.Apf, vcpu, vcpu);
        return true;
    }

    /// <summary>Rule A11: the fault KVM takes itself at ready time repeats the guest's access, meets the userfault
    /// check too, and never starts an APF.</summary>
    private void ReadyPrefetch(int vcpu, ref VcpuState v)
    {
        ref var item = ref machine.Apf.Item(v.ReadySlot);
        var gfn = item.Prefault;
        if (gfn >= (ulong)machine.Config.Gfns)
        {
            v.Step = VcpuStep.ReadyPresent; // an address of another slot
            return;
        }

        if (!machine.Actors[vcpu].InOperation)
        {
            var warns = machine.Apf.WarnsAtReady(v.ReadySlot);
            if (warns)
            {
                machine.Emit(MachineEventKind.KernelWarning, vcpu, gfn);
            }

            if (warns || item.IsPrivate != machine.Memory.IsPrivate(gfn))
            {
                v.Step = VcpuStep.ReadyPresent;
                return;
            }
        }

        var fault = new GuestFault(vcpu, machine.GfnOf(gfn), item.ForWrite ? AccessKind.Write : AccessKind.Read,
            Prefetch: !machine.Config.Breaks(Rules.A11Prefetch))
        {
            IsPrivate = item.IsPrivate,
        };
        if (FaultsIn(vcpu, ref v, fault, out _))
        {
            v.Step = VcpuStep.ReadyPresent;
        }
    }

    /// <summary>Rule F10: KVM_PRE_FAULT_MEMORY, with the vCPU outside of KVM_RUN.</summary>
    private void Prefault(int vcpu, ref VcpuState v)
    {
        if (!machine.Locks.IsHeldBy(LockTable.VcpuMutex, vcpu, vcpu)
            && !machine.Locks.TryTake(LockTable.VcpuMutex, vcpu, vcpu))
        {
            machine.Locks.Wait(LockTable.VcpuMutex, vcpu, vcpu);
            return;
        }

        var fault = new GuestFault(vcpu, machine.GfnOf(v.FaultGfn), AccessKind.Read,
            Prefetch: !machine.Config.Breaks(Rules.F10Prefault))
        {
            IsPrivate = machine.Memory.IsPrivate(v.FaultGfn),
        };
        if (!FaultsIn(vcpu, ref v, fault, out var errno) || (errno == Errno.None && IsStale(ref v)))
        {
            return; // and faults again
        }

        machine.Clock.Spend(Cost.Ioctl);
        machine.Locks.Release(LockTable.VcpuMutex, vcpu, vcpu);
        machine.Emit(MachineEventKind.Prefaulted, vcpu, v.FaultGfn, (ulong)errno);
        v.Step = VcpuStep.RunEntry;
    }

    /// <summary>A fault that KVM takes itself, for a page that the guest will want.</summary>
    /// <returns>False while the encoding is at it.</returns>
    private bool FaultsIn(int vcpu, ref VcpuState v, GuestFault fault, out Errno errno)
    {
        errno = Errno.None;
        var gfn = machine.FrameOf(fault.Gfn);
        if (!machine.Actors[vcpu].InOperation)
        {
            machine.Clock.Spend(Cost.FaultPath);
            v.SequenceSnapshot = machine.Vm.InvalidateSequence;
            machine.SharedMemory.BeginFault(vcpu);
        }

        var answer = FaultAnswer.Map;
        if (machine.Vm.Userfault && !_calls.OnGuestFault(vcpu, fault, out answer))
        {
            return false;
        }

        if (answer.Verdict == FaultVerdict.Exit)
        {
            machine.KvmRun.Prepare(ref v, gfn, answer.Flags, answer.Extra); // and no exit follows
        }

        var maps = answer.Verdict is FaultVerdict.Map or FaultVerdict.MapReadOnly;
        errno = maps ? Errno.None : Errno.Fault;
        var mapsZeroes = !machine.Config.LookupWaits;
        if (maps && (mapsZeroes || machine.Memory.HasContent(gfn)))
        {
            machine.Clock.Spend(Cost.MapPage);
            machine.Userfaultfd.OnFound(vcpu);
            if (!IsStale(ref v))
            {
                machine.Memory.Map(gfn, writable: answer.Verdict == FaultVerdict.Map, fault.IsPrivate);
                machine.SharedMemory.OnMapped(vcpu, gfn);
            }
        }

        return true;
    }

    private bool IsStale(ref VcpuState v) => v.SequenceSnapshot != machine.Vm.InvalidateSequence;

    private void ReadyDelivered(int vcpu, ref VcpuState v)
    {
        if (machine.Apf.Item(v.ReadySlot).WakeAll)
        {
            v.Step = VcpuStep.ReadyPop;
            return;
        }

        if (_calls.OnApfDelivered(vcpu, machine.Apf.Reference(v.ReadySlot)))
        {
            machine.Apf.ReportKeptMemory(vcpu, v.ReadySlot);
            v.Step = VcpuStep.ReadyPop;
        }
    }

    private void BeforeHalt(int vcpu, ref VcpuState v)
    {
        if (_calls.OnBeforeHalt(vcpu))
        {
            v.ApfHalted = true;
            v.Step = VcpuStep.ApfHalted;
        }
    }

    /// <summary>Rule A13: a halted vCPU is runnable again on a done APF, an interrupt it may take, or a kick; waking
    /// ends both the artificial halt and the guest's HLT. A signal to the thread ends neither: KVM_RUN returns, and the
    /// vCPU goes on halting when it is called again.</summary>
    private void Halt(int vcpu, ref VcpuState v)
    {
        // A kick makes the thread look, and does not make the vCPU runnable (rule A13): without an event it sleeps on.
        v.Kicked = false;
        var apf = v.Step == VcpuStep.ApfHalted;
        var runnable = (v.DoneCount > 0 && !machine.Config.Breaks(Rules.A8Runnable)) || v.PfPending
            || (v.IrqPending && machine.Guest.InterruptsOn(vcpu) && !machine.Config.Breaks(Rules.A13Interrupt))
            || !(apf ? v.ApfHalted : v.GuestHlt);
        if (!runnable && v.SignalPending)
        {
            v.SignalPending = false;
            v.Exit = RunExit.Signal;
            v.Step = VcpuStep.RunReturn;
            return;
        }

        if (!runnable && !machine.Vm.PauseRequested)
        {
            if (apf && !v.Slept)
            {
                machine.Emit(MachineEventKind.ApfHalt, vcpu, v.FaultGfn);
            }

            v.Slept = true;
            if (!apf)
            {
                machine.Driver.HaltBegins(vcpu);
            }

            machine.Block(vcpu, apf ? BlockReason.ApfHalt : BlockReason.GuestHalt, vcpu);
            return;
        }

        machine.Clock.Spend(v.Slept && apf ? Cost.ThreadWake : Cost.GuestAccess);
        if (v.Slept && !apf)
        {
            machine.Driver.HaltEnds(vcpu);
        }

        v.Step = VcpuStep.RunLoop;
        if (runnable)
        {
            v.Slept = false;
            v.ApfHalted = false;
            v.GuestHlt = false;
        }
    }

    private void RunReturn(int vcpu, ref VcpuState v)
    {
        if (!_calls.OnRunReturn(vcpu))
        {
            return;
        }

        machine.Clock.Spend(Cost.UserExit);
        if (v.Exit.Row().HasFaultInfo)
        {
            machine.KvmRun.Prepare(ref v, v.FaultGfn, v.ExitFlags, v.ExitExtra);
        }

        machine.Locks.Release(LockTable.VcpuMutex, vcpu, vcpu);
        switch (v.Exit.Row().Then)
        {
            case AfterExit.VmmParks:
                Pause(vcpu, ref v);
                break;
            case AfterExit.VmmCallsAgain:
                machine.Emit(MachineEventKind.RunInterrupted, vcpu);
                v.Step = VcpuStep.RunEntry;
                break;
            default:
                machine.Emit(MachineEventKind.KvmUserspaceExit, vcpu, v.FaultGfn, v.ExitFlags);
                v.Step = VcpuStep.VmmExit;
                break;
        }
    }

    private void Pause(int vcpu, ref VcpuState v)
    {
        v.Step = VcpuStep.Paused;
        machine.Block(vcpu, BlockReason.Pause, vcpu);
        machine.WakeAll(BlockReason.Pause, machine.RearmActor);
    }
}
