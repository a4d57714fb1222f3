using UapiLab.Abstractions;

namespace UapiLab.Testing.World;

/// <content>What threads do: each method is one trip into KVM or into the VMM's handlers, checked at its
/// return.</content>
internal sealed partial class ContractWorld
{
    /// <summary>Pages discarded so far: KVM's invalidate sequence.</summary>
    private int _invalidations;

    /// <summary>A vCPU without a fault of its own at hand: it runs the guest.</summary>
    public bool IsInGuest(int vcpu) => _vcpus[vcpu] is { Busy: false, Exit: null, Halted: false };

    /// <summary>Ready to be delivered.</summary>
    public bool HasReady(int vcpu)
    {
        lock (Gate)
        {
            return _vcpus[vcpu] is { Busy: false, Exit: null, Done.Count: > 0 };
        }
    }

    /// <summary>Its thread waits in the exit handler for a page that another thread has not published yet.</summary>
    public bool IsAwaiting(int vcpu)
    {
        lock (Gate)
        {
            return _vcpus[vcpu].AwaitsContent;
        }
    }

    /// <summary>VMM set-up: capabilities and what else the encoding does for a vCPU.</summary>
    public void CreateVcpus(Actor actor)
    {
        foreach (var vcpu in Enumerable.Range(0, _vcpus.Length))
        {
            InVmm(actor, vmm => VmmHalf.OnVcpuCreated(vmm, vcpu));
        }
    }

    /// <summary>Marks frames as faulting; their content is elsewhere from now on.</summary>
    public void Arm(Actor actor, int first, int count, Prediction prediction)
    {
        foreach (var frame in Frames[first..(first + count)])
        {
            (frame.Armed, frame.HasContent) = (true, false);
        }

        InVmm(actor, vmm => VmmHalf.OnArm(vmm, new(new Gfn((ulong)first), (ulong)count, prediction)));
    }

    /// <summary>The guest accesses a frame.</summary>
    public void Touch(int vcpu, int gfn, AccessKind access)
    {
        var v = _vcpus[vcpu];
        if (Frames[gfn].Mapped)
        {
            return;
        }

        var answer = default(FaultAnswer);
        var snapshot = _invalidations;
        InKvm(v, kvm => answer = KvmHalf.OnGuestFault(kvm, new(vcpu, new Gfn((ulong)gfn), access, Prefetch: false)));
        switch (answer.Verdict)
        {
            case FaultVerdict.Map or FaultVerdict.MapReadOnly:
                Map(gfn, writable: answer.Verdict == FaultVerdict.Map, snapshot);
                EnterGuest(vcpu);
                break;
            case FaultVerdict.Retry:
                EnterGuest(vcpu);
                break;
            case FaultVerdict.Exit:
                (v.Exit, v.ExitHandled) = (new FaultExit(vcpu, new Gfn((ulong)gfn), answer.Flags, answer.Extra), false);
                ReturnFromRun(v, vcpu);
                break;
            default:
                var isExcused = v.Thread.CopyFailed || !IsSane;
                ReturnFromRun(v, vcpu);
                if (!isExcused)
                {
                    throw new ContractBreach(Breaches.LostWakeup,
                        $"KVM_RUN fails with {answer.Errno} for gfn {gfn:x}, and nothing is wrong with it");
                }

                break;
        }
    }

    /// <summary>The VMM handles the exit. The fetch is opened before the half is asked, as a policy does.</summary>
    public void HandleExit(int vcpu, Handling wanted, Prediction prediction)
    {
        var v = _vcpus[vcpu];
        var exit = v.Exit!.Value;
        var frame = Frames[exit.Gfn.Value];
        bool isNew;
        lock (Gate)
        {
            wanted = frame.HasContent ? Handling.Resolve : wanted;
            isNew = frame is { HasContent: false, Fetching: false, Wanted: false };
            frame.Wanted |= isNew;
        }

        var action = ExitAction.ResolveFirst;
        v.Busy = true;
        try
        {
            InVmm(v.Thread, vmm => action = VmmHalf.OnExit(vmm, exit, wanted));
            if (isNew)
            {
                ReportFetch(v.Thread, (int)exit.Gfn.Value, onDemand: true, prediction);
            }

            Follow(v, action, (int)exit.Gfn.Value, isNew);
        }
        finally
        {
            v.Busy = false;
        }

        v.ExitHandled = true;
    }

    /// <summary>Who opened the fetch places the page, or leaves it to the I/O threads; others wait for it if they
    /// must.</summary>
    private void Follow(ContractVcpu v, ExitAction action, int gfn, bool isOwner)
    {
        bool isThere;
        lock (Gate)
        {
            isThere = Frames[gfn].HasContent;
            v.AwaitsContent = action == ExitAction.ResolveFirst && !isOwner && !isThere;
        }

        if (action == ExitAction.Reenter)
        {
            Issue(gfn, isOwner);
        }
        else if (isOwner || isThere)
        {
            Publish(v.Thread, gfn);
        }
    }

    /// <summary>KVM_RUN after an exit.</summary>
    public void Run(int vcpu, bool immediateExit)
    {
        var v = _vcpus[vcpu];
        var answer = RunAnswer.Enter;
        InKvm(v, kvm => answer = KvmHalf.OnRun(kvm, new(vcpu, immediateExit)));
        if (answer.ExitAgain)
        {
            See("answer-refused");
            if (answer.Gfn.Value >= (ulong)Frames.Length)
            {
                throw new ContractBreach(Breaches.OutOfBounds, $"KVM_RUN reports gfn {answer.Gfn}, outside the slot");
            }

            (v.Exit, v.ExitHandled) = (new FaultExit(vcpu, answer.Gfn, answer.Flags, answer.Extra), false);
        }
        else if (!immediateExit)
        {
            v.Exit = null;
        }

        if (v.Exit is null)
        {
            EnterGuest(vcpu);
        }
        else
        {
            ReturnFromRun(v, vcpu);
        }
    }

    /// <summary>KVM delivers the oldest completed APF: its own fault first (rule A11), then the event.</summary>
    public void Deliver(int vcpu)
    {
        var v = _vcpus[vcpu];
        ContractApf apf;
        lock (Gate)
        {
            apf = v.Done[0];
        }

        var answer = default(FaultAnswer);
        var snapshot = _invalidations;
        InKvm(v, kvm =>
        {
            v.Thread.IsPrefetching = true;
            answer = KvmHalf.OnGuestFault(kvm, new(vcpu, apf.Prefault, AccessKind.Read, Prefetch: true));
            v.Thread.IsPrefetching = false;
            if (answer.Verdict is FaultVerdict.Map or FaultVerdict.MapReadOnly)
            {
                Map((int)apf.Prefault.Value, writable: false, snapshot);
            }

            TakeOut(v, vcpu, apf);
            KvmHalf.OnApfDelivered(kvm, vcpu, apf.Ref);
        });
        v.Halted = false;
        if (apf.Injected)
        {
            See("ready-delivered");
        }
    }

    /// <summary>The guest disables APF, or is reset: everything outstanding is forgotten (rule A14).</summary>
    public void ClearQueue(int vcpu, QueueClearReason reason)
    {
        var v = _vcpus[vcpu];
        InKvm(v, kvm =>
        {
            KvmHalf.OnQueueClearing(kvm, vcpu, reason);
            v.Thread.HoldsNothing("OnQueueClearing returns");
            HoldingApfLock(v, vcpu, v.DropAll);
            KvmHalf.OnQueueCleared(kvm, vcpu, reason);
        });
        (v.Halted, v.HaltRequested, v.PfPending) = (false, false, false);
    }

    /// <summary>A frame is fetched ahead, unless there is no use in it.</summary>
    public void Prefetch(Actor actor, int gfn, Prediction prediction)
    {
        lock (Gate)
        {
            if (Frames[gfn] is not { HasContent: false, Fetching: false, Wanted: false })
            {
                return;
            }

            Frames[gfn].Wanted = true;
        }

        ReportFetch(actor, gfn, onDemand: false, prediction);
        Issue(gfn, isOwner: true);
    }

    private void ReportFetch(Actor actor, int gfn, bool onDemand, Prediction prediction) =>
        InVmm(actor, vmm => VmmHalf.OnFetchStarted(vmm, new(new Gfn((ulong)gfn), onDemand, prediction)));

    private void Issue(int gfn, bool isOwner)
    {
        lock (Gate)
        {
            Frames[gfn].Fetching |= isOwner && !Frames[gfn].HasContent;
            Monitor.PulseAll(Gate);
        }
    }

    /// <summary>Content is placed, unless it is there; then the encoding is told in either case.</summary>
    public void Publish(Actor actor, int gfn)
    {
        lock (Gate)
        {
            (Frames[gfn].HasContent, Frames[gfn].Fetching, Frames[gfn].Wanted) = (true, false, false);
            Frames[gfn].Publishing++;
        }

        InVmm(actor, vmm => VmmHalf.OnContentArrived(vmm, new Gfn((ulong)gfn)));
        lock (Gate)
        {
            Frames[gfn].Publishing--;
            foreach (var v in _vcpus.Where(v => v.Exit?.Gfn.Value == (ulong)gfn))
            {
                v.AwaitsContent = false;
            }

            Monitor.PulseAll(Gate);
        }
    }

    /// <summary>Arms one page again and discards it; or does so through a memslot update, while every vCPU is
    /// parked.</summary>
    public void Rearm(Actor actor, int gfn, Prediction prediction, bool bySlot)
    {
        if (bySlot)
        {
            InVmm(actor, vmm => vmm.UpdateMemslot(userfault: false));
        }

        InVmm(actor, vmm => VmmHalf.OnArm(vmm, new(new Gfn((ulong)gfn), 1, prediction)));
        lock (Gate)
        {
            (Frames[gfn].HasContent, Frames[gfn].Mapped) = (false, false);
            _invalidations++;
        }

        if (bySlot)
        {
            InVmm(actor, vmm => vmm.UpdateMemslot(userfault: true));
        }
    }

    public void RunWork(Actor actor, ulong argument) => InKvm(actor, kvm => KvmHalf.OnWork(kvm, argument));

    public void RunEventfd(Actor actor, int eventfd) => InVmm(actor, vmm => VmmHalf.OnEventfd(vmm, eventfd));

    /// <summary>Whether KVM would map the frame, asked by way of its own fault, which starts nothing.</summary>
    public bool WouldMap(int vcpu, int gfn)
    {
        var answer = default(FaultAnswer);
        InKvm(_vcpus[vcpu], kvm => answer =
            KvmHalf.OnGuestFault(kvm, new(vcpu, new Gfn((ulong)gfn), AccessKind.Read, Prefetch: true)));
        return answer.Verdict == FaultVerdict.Map;
    }

    /// <summary>What an ioctl returns.</summary>
    public long ResultOf(Actor actor, IoctlCall call)
    {
        long result = 0;
        InVmm(actor, vmm => result = vmm.Ioctl(call.Vcpu, call.Number, call.Argument));
        return result;
    }

    /// <summary>An ioctl, or a signal to KVM, that does not come from the VMM half.</summary>
    public void MakeIoctl(Actor actor, int vcpu, uint number, IoctlArgument argument) =>
        InVmm(actor, vmm => vmm.Ioctl(vcpu, number, argument));

    public void Signal(Actor actor, int eventfd) => InVmm(actor, _ => SignalKvm(actor, eventfd));

    /// <summary>Nothing is mapped after an invalidation (rule F4): the guest faults again.</summary>
    private void Map(int gfn, bool writable, int snapshot)
    {
        lock (Gate)
        {
            if (snapshot != _invalidations)
            {
                return;
            }

            if (IsSane && !Frames[gfn].HasContent)
            {
                throw new ContractBreach(Breaches.UnpopulatedRead,
                    $"gfn {gfn:x} is mapped, and its content is not there");
            }

            Frames[gfn].Mapped |= writable;
        }
    }

    /// <summary>The guest goes on: it handles the exception, or the vCPU halts first.</summary>
    private void EnterGuest(int vcpu)
    {
        var v = _vcpus[vcpu];
        v.PfPending = false;
        if (!v.HaltRequested)
        {
            return;
        }

        InKvm(v, kvm => KvmHalf.OnBeforeHalt(kvm, vcpu));
        See("vcpu-halted");
        (v.HaltRequested, v.Halted) = (false, true);
    }

    private void ReturnFromRun(ContractVcpu v, int vcpu) => InKvm(v, kvm => KvmHalf.OnRunReturn(kvm, vcpu));

    private void TakeOut(ContractVcpu v, int vcpu, ContractApf apf) => HoldingApfLock(v, vcpu, () => v.Drop(apf));

    /// <summary>KVM's own part of the queue is changed under the lock that the half takes too.</summary>
    private void HoldingApfLock(ContractVcpu v, int vcpu, Action change)
    {
        Lock(v.Thread, KvmLock.Apf, vcpu);
        lock (Gate)
        {
            change();
        }

        Unlock(v.Thread, KvmLock.Apf, vcpu);
    }

    private void InKvm(ContractVcpu v, Action<ContractHalf> operation)
    {
        lock (v.Mutex)
        {
            var wasBusy = v.Busy;
            v.Busy = true;
            try
            {
                InKvm(v.Thread, operation);
            }
            finally
            {
                v.Busy = wasBusy;
            }

            lock (Gate)
            {
                if (v.Queue.Find(a => a is { Offered: false, Completed: false }) is { } leaked)
                {
                    throw new ContractBreach(Breaches.LeakedApf,
                        $"KVM returns with an APF for gfn {leaked.Ref.Gfn} that is neither injected, completed nor "
                        + $"taken back");
                }
            }
        }
    }

    private void InKvm(Actor actor, Action<ContractHalf> operation)
    {
        actor.Begin(onVmmSide: false);
        Guarded(actor, () =>
        {
            operation(new(this, actor));
            actor.HoldsNothing("the KVM half returns");
        });
    }

    /// <summary>Runs code of the KVM half. What it breaks is kept, since a VMM half in the middle of an ioctl may be
    /// one whose own mistakes do not count.</summary>
    private void Guarded(Actor actor, Action kvm)
    {
        try
        {
            kvm();
        }
        catch (Exception e)
        {
            Fail(e as ContractBreach ?? Threw(actor, "KVM", e));
            throw;
        }
    }

    private void InVmm(Actor actor, Action<ContractHalf> operation)
    {
        actor.Begin(onVmmSide: true);
        try
        {
            operation(new(this, actor));
        }
        catch (Exception e) when (actor.OnVmmSide && !IsSane)
        {
            // What userspace does to itself is its own affair; what KVM's half does in an ioctl of its, is not.
            actor.Locks.Clear();
            _ = e;
        }
        catch (Exception e) when (e is not ContractBreach)
        {
            throw Threw(actor, "VMM", e);
        }
    }

    private static ContractBreach Threw(Actor actor, string half, Exception e) =>
        new(Breaches.Throws, $"the {half} half throws {e.GetType().Name} on {actor.Name}: {e.Message}");
}
