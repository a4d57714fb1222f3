using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Machines.Vmm;

/// <summary>The VMM's part of a vCPU thread: what happens between a memory-fault exit and the next KVM_RUN.</summary>
internal sealed class VmmThread(Machine machine)
{
    private readonly EncodingCalls _calls = machine.Calls;

    private FetchTable FetchTable => machine.FetchTable;

    public void Step(int vcpu, ref VcpuState v)
    {
        switch (v.Step)
        {
            case VcpuStep.VmmExit:
                Decide(vcpu, ref v);
                break;
            case VcpuStep.VmmBoundedWait:
                var inTime = v.Owner ? FetchTable[v.Fetch].Status == FetchStatus.Fetched
                    : FetchTable.Find(v.FaultGfn) < 0;
                v.Wanted = inTime ? Handling.Resolve : Handling.HandOff;
                v.Step = VcpuStep.VmmOnExit;
                machine.Clock.Spend(Cost.ThreadWake);
                break;
            case VcpuStep.VmmOnExit:
                OnExit(vcpu, ref v);
                break;
            case VcpuStep.VmmFetchStarted:
                FetchStarted(vcpu, ref v);
                break;
            case VcpuStep.VmmResolve:
                Resolve(vcpu, ref v);
                break;
            case VcpuStep.VmmLocalFetch:
                var isIntercept = v.Disposition == Disposition.Intercepted;
                machine.Driver.Delay(isIntercept ? DelayKind.Intercept : DelayKind.LocalResolve, v.FaultGfn);
                machine.Clock.Spend(Cost.BookOperation);
                v.Step = VcpuStep.VmmPlace;
                break;
            case VcpuStep.VmmWaitFetch:
                machine.Clock.Spend(Cost.ThreadWake);
                v.Step = v.Owner ? VcpuStep.VmmPlace : VcpuStep.RunEntry;
                break;
            case VcpuStep.VmmPlace:
                v.Step = TryPlaceContent(vcpu, v.Fetch) ? VcpuStep.VmmPublish : VcpuStep.RunEntry;
                break;
            case VcpuStep.VmmPublish:
                Publish(vcpu, ref v);
                break;
            default:
                throw new InvalidOperationException(
                    $"vCPU {vcpu} is at {v.Step}, which no driver of the thread handles");
        }
    }

    /// <summary>Not drawn yet: neither the book nor an interception says what the fault will need.</summary>
    private const Disposition Undrawn = (Disposition)byte.MaxValue;

    /// <summary>Ground truth as far as the machine needs it at the fault: what the book knows, or whether the frame is
    /// intercepted, in which case its content is there. The rest is drawn when it is asked for.</summary>
    public Disposition DispositionAtFault(ulong gfn)
    {
        if (machine.Config.FreePolicy && !machine.Config.Intercepts)
        {
            return Undrawn; // all of it is drawn in the exit handler: one step fewer at which others matter
        }

        if (FromBook(gfn) is { } known)
        {
            return known;
        }

        if (machine.Choices.Choose(ChoiceKind.Intercepted, gfn, 2) == 0)
        {
            return Undrawn;
        }

        // Wanted for another purpose: the content is there. What only notices missing pages has to keep the page
        // missing.
        if (!machine.Userfaultfd.IsRead)
        {
            machine.SharedMemory.SetContent(machine.CurrentActor, gfn, there: true);
        }

        return Disposition.Intercepted;
    }

    /// <summary>Ground truth of the fault a vCPU is handling.</summary>
    public Disposition DispositionOf(int vcpu)
    {
        ref var v = ref machine.Vcpus[vcpu];
        if (v.Disposition == Undrawn)
        {
            v.Disposition = Draw(v.FaultGfn);
        }

        return v.Disposition;
    }

    /// <summary>Ground truth for a fetch that no vCPU thread handles.</summary>
    private Disposition DrawnNow(ulong gfn)
    {
        var known = DispositionAtFault(gfn);
        return known == Undrawn ? Draw(gfn) : known;
    }

    private Disposition Draw(ulong gfn)
    {
        // To a free policy only one thing matters: whether the page can be had on the spot. What is there already, or
        // wanted for another purpose, is had on the spot too; and what was asked for before is asked for by the
        // prefetcher.
        return (Disposition)machine.Choices.Choose(ChoiceKind.Disposition, gfn, machine.Config.FreePolicy ? 2 : 4);
    }

    /// <summary>Whether a fetch for the frame of a vCPU's fault is under way already (concern C4).</summary>
    /// <remarks>To a free policy only at the fault: at re-entry the fetch in the book may be the fault's own.</remarks>
    public bool IsInFlight(int vcpu) => machine.Config.FreePolicy
        ? machine.Vcpus[vcpu].Step == VcpuStep.FaultCheck
            && FromBook(machine.Vcpus[vcpu].FaultGfn) == Disposition.InFlight
        : DispositionOf(vcpu) == Disposition.InFlight;

    /// <summary>Whether the frame has been asked for and it is not there yet.</summary>
    public bool IsOnItsWay(ulong gfn) => FromBook(gfn) == Disposition.InFlight;

    private Disposition? FromBook(ulong gfn)
    {
        if (FetchTable.HasArrived(gfn))
        {
            return Disposition.Present;
        }

        var fetch = FetchTable.Find(gfn);
        return fetch < 0 || FetchTable[fetch].IsGone ? null
            : FetchTable[fetch].Status == FetchStatus.Arrived ? Disposition.Present : Disposition.InFlight;
    }

    /// <summary>Rule V2: whether the page may be armed again now. Its content was published, with every READY, and no
    /// exit handler is about to say that it is there.</summary>
    public bool MayBeRearmed(ulong gfn)
    {
        if (!(FetchTable.HasArrived(gfn) || IsUsedBeforeItsReadies(gfn)) || machine.KvmRun.Refuses(gfn))
        {
            return false;
        }

        for (var vcpu = 0; vcpu < machine.Config.Vcpus && !machine.Config.Breaks(Rules.V2Exclusion); vcpu++)
        {
            ref var v = ref machine.Vcpus[vcpu];
            if (v.FaultGfn == gfn && VcpuSteps.InVmm(v.Step) && v.Step != VcpuStep.VmmExit)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A VMM that does not keep to the end of rule V2: a page that the guest uses may go while an I/O thread
    /// is at its READYs. Only a published page can be mapped.</summary>
    private bool IsUsedBeforeItsReadies(ulong gfn) =>
        machine.Config.RearmsBeforeReadies && FetchTable.Find(gfn) is var fetch && fetch >= 0
            && FetchTable[fetch] is { Status: FetchStatus.Arrived, IsGone: false } && machine.Memory.IsMapped(gfn);

    /// <summary>Rule V2 from the other side: an exit handler waits until the page is armed and discarded.</summary>
    private bool IsBeingRearmed(ulong gfn)
    {
        ref var rearmer = ref machine.Actors[machine.RearmActor];
        return machine.Config.Rearms && rearmer.Step is ServiceStep.Arm or ServiceStep.Discard && rearmer.Gfn == gfn
            && !machine.Config.Breaks(Rules.V2Exclusion);
    }

    public GroundTruth Truth(int vcpu, ulong gfn)
    {
        var disposition = DispositionOf(vcpu);
        return new(disposition, machine.Driver.FetchRemaining(FetchTable.Find(gfn), gfn, disposition),
            machine.Guest.OtherRunnable(vcpu), machine.Guest.OtherWaiting(vcpu));
    }

    /// <summary>Rule K7: a page in zswap or in the page cache is brought in without sleeping.</summary>
    /// <returns>Whether it was.</returns>
    public bool SwapsIn(int vcpu, ref VcpuState v)
    {
        var gfn = v.FaultGfn;
        var needsIo = (FromBook(gfn) ?? DispositionOf(vcpu)) is Disposition.Async or Disposition.InFlight;
        if (needsIo || machine.Config.Breaks(Rules.K7KnowsLocal))
        {
            JoinFetch(gfn, vcpu); // the attempt has started the I/O
            return false;
        }

        machine.Driver.Delay(DelayKind.LocalResolve, gfn);
        machine.SharedMemory.SetContent(vcpu, gfn, there: true);
        machine.Userfaultfd.OnPlaced();
        FetchTable.MarkArrived(gfn);
        Settle(vcpu, ref v, FaultOutcome.AtOnce);
        machine.Emit(MachineEventKind.PagePlaced, vcpu, gfn);
        return true;
    }

    /// <summary>KVM's own look-up sleeps in userfaultfd until the page is placed.</summary>
    public void SleepInLookup(int vcpu, ref VcpuState v)
    {
        v.Step = VcpuStep.LookupSleep;
        SleepUntilPlaced(vcpu, v.FaultGfn);
    }

    /// <summary>A thread that touches a missing page of the host sleeps there.</summary>
    public void SleepUntilPlaced(int vcpu, ulong gfn)
    {
        machine.Userfaultfd.Ask(gfn);
        var fetch = FetchTable.Find(gfn);
        FetchTable[fetch].BlockedThreads++;
        machine.Block(vcpu, BlockReason.LookupSleep, fetch);
    }

    /// <summary>Asks for a frame without an exit; whether, and how, the VMM gets to know is up to the caller.</summary>
    /// <returns>The fetch that was opened; -1 if it was under way, or the content is there.</returns>
    public int OpenFetch(ulong gfn) =>
        FetchTable.Find(gfn) >= 0 || FetchTable.HasArrived(gfn) ? -1
            : FetchTable.Open(gfn, DrawnNow(gfn), onDemand: true);

    /// <summary>A fault that came without an exit: its fetch is started, or joined, as after a hand-off.</summary>
    /// <param name="gfn">Frame.</param>
    /// <param name="vcpu">Whose fault, where the VMM knows of it.</param>
    public void JoinFetch(ulong gfn, int vcpu = -1)
    {
        var outcome = FetchTable.HasArrived(gfn) ? FaultOutcome.AtOnce : FaultOutcome.HandedOff;
        if (FetchTable.Find(gfn) < 0 && !FetchTable.HasArrived(gfn))
        {
            var isDrawn = vcpu >= 0 && machine.Vcpus[vcpu].Disposition != Undrawn
                && machine.Vcpus[vcpu].FaultGfn == gfn;
            var disposition = isDrawn ? machine.Vcpus[vcpu].Disposition : DrawnNow(gfn);
            outcome = disposition switch
            {
                Disposition.Sync or Disposition.Present => FaultOutcome.AtOnce,
                Disposition.Intercepted => FaultOutcome.OtherPurpose,
                _ => FaultOutcome.HandedOff,
            };
            Issue(FetchTable.Open(gfn, disposition, onDemand: true), owner: -1);
        }

        if (vcpu >= 0)
        {
            machine.Emit(MachineEventKind.VmmSettles, vcpu, gfn, (ulong)outcome);
        }
    }

    /// <summary>Before the guest starts: vCPUs created, every frame armed with what the VMM predicts, then the memslot
    /// flag.</summary>
    public void SetUp()
    {
        var actor = machine.RearmActor;
        for (var vcpu = 0; vcpu < machine.Config.Vcpus; vcpu++)
        {
            while (!_calls.OnVcpuCreated(actor, vcpu))
            {
                // No other actor runs yet, so an operation that stops merely goes on.
            }
        }

        var isFirst = !machine.Vm.PauseRequested; // a restore finds every vCPU parked, and every frame to be armed
        var isLastThere = machine.Config.TracksWrites || machine.Config.RefusesLastGfn
            || (isFirst && machine.Config.ApfAreaGfn >= 0);
        var missing = machine.Config.Gfns - (isLastThere ? 1 : 0) - machine.Config.UnmarkedGfns;
        var predicted = Math.Min(machine.Config.PredictedGfns, missing);
        long start = 0;
        var run = Prediction.Async;
        for (long gfn = 0; gfn <= predicted; gfn++)
        {
            var next = gfn < predicted ? Predict(ChoiceKind.ArmPrediction, (ulong)gfn) : Prediction.Async;
            if (gfn == 0)
            {
                run = next;
            }
            else if (next != run)
            {
                Arm(actor, start, gfn - start, run);
                start = gfn;
                run = next;
            }
        }

        Arm(actor, start, missing - start, run);
        if (machine.Config.TracksWrites)
        {
            TrackWrites(actor, (ulong)missing);
        }

        if (machine.Config.RefusesLastGfn)
        {
            machine.SharedMemory.SetContent(actor, (ulong)missing, there: true);
            FetchTable.MarkArrived((ulong)missing);
        }

        if (machine.Config.Interception == Interception.Memslot)
        {
            machine.Memslot.SetUserfault(true);
        }
    }

    /// <summary>The frame has been there all along; whether its writes can be tracked is up to both halves.</summary>
    private void TrackWrites(int actor, ulong gfn)
    {
        machine.SharedMemory.SetContent(actor, gfn, there: true);
        FetchTable.MarkArrived(gfn);
        bool isTracked;
        while (!_calls.OnTrackWrites(actor, machine.GfnOf(gfn), out isTracked))
        {
            // No other actor runs yet, so an operation that stops merely goes on.
        }

        if (isTracked)
        {
            machine.Memory.TrackWrites(gfn);
        }
    }

    public Prediction Predict(ChoiceKind kind, ulong gfn)
    {
        var prediction = (Prediction)machine.Choices.Choose(kind, gfn, 4);
        machine.Emit(MachineEventKind.VmmPredicts, -1, gfn, (ulong)prediction);
        return prediction;
    }

    public void Issue(int fetch, int owner)
    {
        ref var entry = ref FetchTable[fetch];
        machine.Footprint.IsVisible |= owner < 0; // others wait for its arrival in any case
        entry.Owner = owner;
        entry.Status = FetchStatus.Issued;
        machine.Vm.UnderWay++;
        machine.Emit(MachineEventKind.FetchIssued, -1, entry.Gfn, (ulong)(entry.OnDemand ? 1 : 0));
        if (machine.Config.InstantDevice)
        {
            machine.CompleteFetch(fetch);
            return;
        }

        machine.Driver.FetchIssued(fetch, entry.Gfn, entry.Disposition);
        machine.Wake(machine.DeviceActor);
    }

    /// <summary>Rules V3 and V4: a copy that fails because KVM has filled the page (EEXIST) is made through the VMM's
    /// own mapping instead.</summary>
    /// <returns>False if the VMM lets the page be, and with it whoever waits for it.</returns>
    public bool TryPlaceContent(int vcpu, int fetch)
    {
        var gfn = FetchTable[fetch].Gfn;
        var isFilled = machine.Memory.IsFilled(gfn);
        if (isFilled)
        {
            machine.Emit(MachineEventKind.CopyFindsPage, vcpu, gfn);
            if (machine.Config.Breaks(Rules.V3PublishesFound))
            {
                FetchTable.Abandon(fetch);
                return false;
            }
        }

        if (!machine.Memory.HasContent(gfn) && !(isFilled && machine.Config.Breaks(Rules.V4WritesOver)))
        {
            machine.Clock.Spend(machine.Config.Backing == Backing.Swap ? Cost.LockOperation : Cost.PlacePage);
            machine.SharedMemory.SetContent(machine.CurrentActor, gfn, there: true);
            machine.Driver.Placed(gfn);
            machine.Area.OnPlaced(gfn);
            machine.Userfaultfd.OnPlaced();
        }

        machine.Memory.ForgetFilled(gfn);

        FetchTable.Arrive(fetch);
        if (!machine.Userfaultfd.IsRead)
        {
            machine.KernelApf.WakeWorkers(gfn);
        }

        machine.Emit(MachineEventKind.PagePlaced, vcpu, gfn);
        return true;
    }

    /// <summary>The policy: it sees what a VMM would see, and is the same for every encoding (docs/model.md,
    /// "policies").</summary>
    private void Decide(int vcpu, ref VcpuState v)
    {
        machine.Clock.Spend(Cost.BookOperation);
        if (v.Exit == RunExit.Mismatch)
        {
            v.Step = VcpuStep.RunEntry; // rule F8
            return;
        }

        var tellsWhy = machine.KvmRun.TellsWhy(vcpu, ref v);
        if (IsBeingRearmed(v.FaultGfn))
        {
            machine.Block(vcpu, BlockReason.Rearming, machine.RearmActor);
            return;
        }

        var gone = FetchTable.FindGone(v.FaultGfn);
        if (gone >= 0)
        {
            FetchTable[gone].BlockedThreads++; // its place in the book is taken until the I/O thread is done
            machine.Block(vcpu, BlockReason.WaitFetch, gone);
            return;
        }

        if (!tellsWhy && v.Transient)
        {
            v.Step = VcpuStep.RunEntry; // a copy that failed once: the VMM calls KVM_RUN again
            return;
        }

        if (!tellsWhy && machine.KvmRun.Refuses(v.FaultGfn))
        {
            machine.Stop(v.FaultGfn);
            return;
        }

        if (!tellsWhy)
        {
            // -EFAULT without fault information: the VMM can only stop
            machine.Violate(ViolationKind.LostWakeup, vcpu, v.FaultGfn);
            machine.Block(vcpu, BlockReason.Finished, vcpu);
            machine.WakeAll(BlockReason.Pause, machine.RearmActor);
            return;
        }

        v.Fetch = FetchTable.Find(v.FaultGfn);
        v.Owner = false;
        v.Disposition = FromBook(v.FaultGfn) ?? DispositionOf(vcpu);
        v.Wanted = Handling.Resolve;
        v.Step = VcpuStep.VmmOnExit;
        var disposition = v.Disposition;
        if (disposition == Disposition.Present && v.Fetch < 0 && FetchTable.HasArrived(v.FaultGfn))
        {
            return;
        }

        if (v.Fetch < 0)
        {
            v.Fetch = FetchTable.Open(v.FaultGfn, disposition, onDemand: true);
            v.Owner = true;
            if (disposition == Disposition.InFlight)
            {
                v.Owner = false; // asked for before this run's record begins
                Issue(v.Fetch, owner: -1);
            }
        }

        var local = disposition is Disposition.Intercepted or Disposition.Present;
        var policy = machine.Config.Policy;
        if (machine.Config.FreePolicy && !local)
        {
            v.Wanted = disposition == Disposition.Sync
                ? Handling.Resolve
                : (Handling)machine.Choices.Choose(ChoiceKind.Handling, v.FaultGfn, 2);
            return;
        }

        if (local || policy.Kind == PolicyKind.ResolveThenReenter)
        {
            return;
        }

        if (policy.Kind == PolicyKind.ReenterThenResolve)
        {
            v.Wanted = Handling.HandOff;
            return;
        }

        if (disposition == Disposition.Sync)
        {
            return;
        }

        // Wait up to X; who started the fetch places the page if it comes in time, else hands it to the I/O threads.
        v.Wanted = Handling.HandOff;
        if (policy.WaitNs == 0)
        {
            return;
        }

        v.Resume = VcpuStep.VmmBoundedWait;
        v.Step = VcpuStep.VmmBoundedWait;
        if (v.Owner)
        {
            v.Step = VcpuStep.VmmFetchStarted;
        }
        else
        {
            WaitBounded(vcpu, ref v);
        }
    }

    private void WaitBounded(int vcpu, ref VcpuState v)
    {
        FetchTable[v.Fetch].BlockedThreads++;
        machine.Block(vcpu, BlockReason.WaitFetch, v.Fetch);
        machine.Driver.BlockUntil(vcpu, machine.Config.Policy.WaitNs);
    }

    private void OnExit(int vcpu, ref VcpuState v)
    {
        var exit = new FaultExit(vcpu, machine.GfnOf(v.FaultGfn), v.ExitFlags, v.ExitExtra);
        if (!_calls.OnExit(vcpu, exit, v.Wanted, out var action))
        {
            return;
        }

        if (action == ExitAction.ResolveFirst && !IsCareless(ref v))
        {
            var isIntercept = v.Disposition == Disposition.Intercepted;
            Settle(vcpu, ref v, isIntercept ? FaultOutcome.OtherPurpose : FaultOutcome.AtOnce);
            v.Step = VcpuStep.VmmResolve;
            return;
        }

        Settle(vcpu, ref v, FaultOutcome.HandedOff);
        v.Step = VcpuStep.RunEntry;
        if (StillToBeFetched(ref v))
        {
            v.Resume = VcpuStep.RunEntry;
            v.Step = VcpuStep.VmmFetchStarted;
        }
        else if (v.Owner)
        {
            HandOver(v.Fetch);
        }
    }

    private void Settle(int vcpu, ref VcpuState v, FaultOutcome outcome) =>
        machine.Emit(MachineEventKind.VmmSettles, vcpu, v.FaultGfn, (ulong)outcome);

    private bool IsCareless(ref VcpuState v)
    {
        if (machine.Vm.CarelessLeft == 0 || machine.Choices.Choose(ChoiceKind.Careless, v.FaultGfn, 2) == 0)
        {
            return false;
        }

        machine.Vm.CarelessLeft--;
        return true;
    }

    /// <summary>A fetch this thread waited for becomes the I/O threads'.</summary>
    private void HandOver(int fetch)
    {
        machine.Footprint.IsVisible = true;
        ref var entry = ref FetchTable[fetch];
        entry.Owner = -1;
        if (entry.Status == FetchStatus.Fetched)
        {
            machine.GiveToIoThread(fetch);
        }
    }

    private bool StillToBeFetched(ref VcpuState v) => v.Owner && FetchTable[v.Fetch].Status == FetchStatus.Wanted;

    private void FetchStarted(int vcpu, ref VcpuState v)
    {
        if (!machine.Actors[vcpu].InOperation)
        {
            machine.Actors[vcpu].Chosen = (byte)Predict(ChoiceKind.FetchPrediction, v.FaultGfn);
        }

        var prediction = (Prediction)machine.Actors[vcpu].Chosen;
        if (!_calls.OnFetchStarted(vcpu, new(machine.GfnOf(v.FaultGfn), OnDemand: true, prediction)))
        {
            return;
        }

        v.Owner = v.Resume != VcpuStep.RunEntry;
        v.Step = v.Resume;
        Issue(v.Fetch, v.Owner ? vcpu : -1);
        if (v.Resume == VcpuStep.VmmBoundedWait)
        {
            WaitBounded(vcpu, ref v);
        }
        else if (v.Owner && FetchTable[v.Fetch].Status != FetchStatus.Fetched)
        {
            machine.Block(vcpu, BlockReason.WaitFetch, v.Fetch);
        }
    }

    /// <summary>The page must be in place before KVM_RUN.</summary>
    private void Resolve(int vcpu, ref VcpuState v)
    {
        machine.Clock.Spend(Cost.BookOperation);
        if (FetchTable.HasArrived(v.FaultGfn))
        {
            v.Fetch = -1;
            v.Step = VcpuStep.VmmPublish;
            return;
        }

        if (StillToBeFetched(ref v))
        {
            v.Resume = VcpuStep.VmmWaitFetch;
            v.Step = v.Disposition == Disposition.Async ? VcpuStep.VmmFetchStarted : VcpuStep.VmmLocalFetch;
            return;
        }

        if (v.Owner)
        {
            var fetched = FetchTable[v.Fetch].Status == FetchStatus.Fetched;
            v.Step = fetched ? VcpuStep.VmmPlace : VcpuStep.VmmWaitFetch;
            if (!fetched)
            {
                machine.Block(vcpu, BlockReason.WaitFetch, v.Fetch);
            }

            return;
        }

        // Another thread places it; or did, and the frame was armed again since: then the guest faults afresh.
        v.Fetch = FetchTable.Find(v.FaultGfn);
        if (v.Fetch < 0)
        {
            v.Step = VcpuStep.RunEntry;
            return;
        }

        v.Step = VcpuStep.VmmWaitFetch;
        FetchTable[v.Fetch].BlockedThreads++;
        machine.Block(vcpu, BlockReason.WaitFetch, v.Fetch);
    }

    private void Publish(int vcpu, ref VcpuState v)
    {
        if (!_calls.OnContentArrived(vcpu, machine.GfnOf(v.FaultGfn)))
        {
            return;
        }

        if (v.Fetch >= 0)
        {
            FetchTable.Close(v.Fetch);
            v.Fetch = -1;
        }

        v.Step = machine.Config.Prefaults ? VcpuStep.Prefault : VcpuStep.RunEntry;
    }

    private void Arm(int actor, long first, long count, Prediction prediction)
    {
        while (count > 0 && !_calls.OnArm(actor, new(machine.GfnOf((ulong)first), (ulong)count, prediction)))
        {
            // No other actor runs yet, so an operation that stops merely goes on.
        }
    }
}
