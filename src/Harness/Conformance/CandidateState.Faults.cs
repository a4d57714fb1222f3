using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <content>Faults and what KVM makes of them.</content>
internal sealed partial class CandidateState
{
    private const ulong WriteBit = 2;

    private Refusal? Fault(in RecordedEvent e)
    {
        if (InKvm(RecordedKind.PageFault) is { } early)
        {
            return early;
        }

        if (_at.FaultSeen && !Observes(RecordedKind.Exit))
        {
            LeaveUnseen();
        }

        if (_at.Reason is not (LeaveReason.StageTwoFault or LeaveReason.GuestPageFault or LeaveReason.Unknown)
            || _at.FaultSeen)
        {
            return new(Rules.T2OneFault, _at.FaultSeen ? "no second kvm_page_fault for one exit"
                : "no kvm_page_fault: the exit had another reason");
        }

        if (_at.HasExitGfn && _at.ExitGfn != e.Gfn)
        {
            return new(Rules.T2OneFault, Invariant($"the address of the exit, in gfn 0x{_at.ExitGfn:x}"));
        }

        _at.FaultSeen = true;
        _at.FaultGfn = e.Gfn;
        _at.FaultWrites = (e.Value & WriteBit) != 0;
        machine.Fault(e.Gfn, _at.FaultWrites, InterruptsOn, kernelMode: false);
        return null;
    }

    /// <summary>IF at the fault: as pinned, else on, since an event that needs it shows that it was.</summary>
    private bool InterruptsOn => lane.Assumptions.InterruptsOn ?? true;

    private Refusal? TryAsync(in RecordedEvent e, List<CandidateState> successors)
    {
        if (InKvm(RecordedKind.TryAsync) is { } early)
        {
            return early;
        }

        if (!_at.FaultSeen && _at.Reason != LeaveReason.Unknown && Observes(RecordedKind.PageFault))
        {
            return new(Rules.T2OneFault, "kvm_page_fault first: nothing else looks a page up for the guest");
        }

        if (_at.AsyncTried)
        {
            return new(Rules.K1TryFirst, "one attempt to make a fault asynchronous");
        }

        if (_at.FaultSeen && _at.FaultGfn != e.Gfn)
        {
            return new(Rules.K1TryFirst, Invariant($"the gfn of the fault, 0x{_at.FaultGfn:x}"));
        }

        if (!lane.Setting.KernelApf && lane.Bits.IsClear(e.Gfn, _at.SinceNs))
        {
            return new(Rules.F2Check,
                Invariant($"no attempt: the bit of gfn 0x{e.Gfn:x} was cleared before the fault"));
        }

        if (!machine.CanDo(InterruptsOn))
        {
            return new(Rules.A1CanDo, InterruptsOn ? "no attempt: an exception is pending"
                : "no attempt: interrupts are off (BEGIN says if0=1)");
        }

        if (!_at.FaultSeen)
        {
            _at.FaultGfn = e.Gfn;
            machine.Fault(e.Gfn, write: false, InterruptsOn, kernelMode: false);
        }

        _at.AsyncTried = true;
        if (lane.Assumptions.ShowsCalls)
        {
            Learn(Unknowns.Capability); // it is on, and turning it off would be told
        }

        if (IsUnknown(Unknowns.Counter) && Observes(RecordedKind.NotPresent))
        {
            _at.TryDeferred = true; // the token that follows says where the counter is
            return null;
        }

        return LookUp(successors);
    }

    /// <summary>Whether a not-present could be delivered depends on the guest's mode, which no event shows: both are
    /// tried unless it is pinned or does not matter.</summary>
    private Refusal? LookUp(List<CandidateState> successors)
    {
        if (lane.Order.PastUnknown && !_at.TryDecided)
        {
            var repeated = Clone(); // of an APF that was set up in the gap
            repeated._expected.Add(new(RecordedKind.RepeatedFault, _at.FaultGfn, 0));
            successors.Add(repeated);
            var full = Clone(); // of a queue filled in the gap
            full.Machine.State.TokenCounter++;
            full._at.TryDecided = true;
            successors.Add(full);
        }

        if (machine.State.ApfEnabled && IsUnknown(Unknowns.Enabled) && lane.Assumptions.UserMode is not null)
        {
            var disabled = Clone();
            disabled.Machine.Disable();
            disabled.Learn(Unknowns.Enabled);
            if (disabled.LookUpIn(kernelMode: false, successors) is null)
            {
                successors.Add(disabled);
            }
            else
            {
                disabled.Dispose();
            }
        }

        if (machine.State.ApfEnabled && _at.SendAlways && lane.Assumptions.UserMode is null
            && IsUnknown(Unknowns.Paging))
        {
            // A guest that has paging off gets none, whatever it asked for; of one with paging the same is asked once.
            Learn(Unknowns.Paging);
            var unpaged = Clone();
            unpaged._at.SendAlways = false;
            if (unpaged.LookUpIn(kernelMode: true, successors) is null)
            {
                successors.Add(unpaged);
            }
            else
            {
                unpaged.Dispose();
            }
        }

        var isKernel = !_at.SendAlways && lane.Assumptions.UserMode == false;
        if (machine.State.ApfEnabled && !_at.SendAlways
            && (lane.Assumptions.UserMode is null || (isKernel && IsUnknown(Unknowns.Always))))
        {
            var kernel = Clone();
            if (kernel.LookUpIn(kernelMode: true, successors) is null)
            {
                successors.Add(kernel);
            }

            _at.SendAlways = isKernel; // else it could not be delivered
            isKernel = false;
        }

        return LookUpIn(isKernel, successors);
    }

    /// <summary>A ring of faults may be full, or the VMM may have emptied it before: that matters only where KVM exits
    /// for want of room.</summary>
    private Refusal? LookUpIn(bool kernelMode, List<CandidateState> successors)
    {
        var emptied = machine.IsVmmSignalled ? Clone() : null;
        emptied?.Machine.SeeToEventfds();
        var refusal = LookUpIn(kernelMode);
        if (emptied is not null && machine.IsExiting(out _) && emptied.LookUpIn(kernelMode) is null
            && !emptied.Machine.IsExiting(out _))
        {
            successors.Add(emptied);
        }
        else
        {
            emptied?.Dispose();
        }

        return refusal;
    }

    private Refusal? LookUpIn(bool kernelMode)
    {
        if (machine.AwaitsCheck)
        {
            machine.CheckFault(marked: true, InterruptsOn, kernelMode);
        }
        else
        {
            machine.LookUpMissing(InterruptsOn, kernelMode);
        }

        if (machine.Emitted is not [{ Kind: MachineEventKind.KvmTryAsyncGetPage }, ..])
        {
            return new(Rules.K2Sleeps, "no attempt: the vCPU thread sleeps for the page itself");
        }

        foreach (var emitted in machine.Emitted.Skip(1))
        {
            var kind = emitted.Kind == MachineEventKind.KvmAsyncPfNotPresent ? RecordedKind.NotPresent
                : RecordedKind.RepeatedFault;
            if (Observes(kind))
            {
                _expected.Add(new(kind, machine.PageOf(emitted.Gfn), emitted.Value));
            }
            else if (kind == RecordedKind.NotPresent)
            {
                machine.Forget((uint)emitted.Value); // which token a ready will name, no event shows
            }
        }

        _at.SetUp = machine.Emitted is [_, { Kind: MachineEventKind.KvmAsyncPfNotPresent }, ..];
        if (machine.IsExiting(out _) && Observes(RecordedKind.UserspaceExit))
        {
            _expected.Add(new(RecordedKind.UserspaceExit, _at.FaultGfn, 0));
        }

        return null;
    }

    /// <summary>A failed KVM_RUN without an attempt: the frame is marked, and KVM did not start an APF.</summary>
    private Refusal? ExitPlainly()
    {
        // A look-up that the host mapping refuses (F6) fails without a word about the fault.
        _at.FailedPlainly |= lane.Bits.IsClear(_at.FaultGfn, _at.SinceNs);
        if (_at.FailedPlainly)
        {
            return null;
        }

        // With interrupts off, or with an exception pending, no APF is started, whatever the interface would like.
        // So it is with a queue that APFs of the gap have filled, and while the VMM has the capability off.
        var full = _at.TryDeferred || _at.TryDecided || IsUnknown(Unknowns.Capability);
        machine.CheckFault(marked: true, interruptsOn: !full && (lane.Assumptions.InterruptsOn ?? false),
            kernelMode: false);
        return machine.Emitted is [{ Kind: MachineEventKind.KvmTryAsyncGetPage }, ..]
            ? new(Rules.A1CanDo, "kvm_try_async_get_page first: an APF can be started")
            : null;
    }

    private void FailPlainly(in RecordedEvent e, List<CandidateState> successors)
    {
        var other = Clone();
        other._at.FailedPlainly = true;
        if (other.LeaveKvm(e, successors) is null)
        {
            successors.Add(other);
        }
        else
        {
            other.Dispose();
        }
    }

    /// <summary>The vCPU's own thread asked userfaultfd for a page: it sleeps in the fault.</summary>
    public Refusal? SleepsFor(ulong gfn, bool writes)
    {
        if (_at.Place != Place.Kvm || (_at.FaultGfn == gfn && _at.SetUp))
        {
            return new(Rules.K2Sleeps,
                Invariant($"no message from this thread: it is not asleep in a fault on gfn 0x{gfn:x}"));
        }

        if (!_at.FaultSeen || _at.FaultGfn != gfn)
        {
            return null; // KVM's own access to guest memory: string I/O, a page of its own (P1, P4)
        }

        if (!_at.AsyncTried && lane.Assumptions.InterruptsOn is { } interruptsOn && machine.CanDo(interruptsOn))
        {
            return new(Rules.A1CanDo,
                "no message from this thread: the fault can be made asynchronous, and a worker asks for the page");
        }

        return writes == _at.FaultWrites ? null
            : new(Rules.K3ForWrite, "the access of the guest's fault: the thread that faulted asks for itself");
    }

    /// <summary>The VMM saw the exit and says what was in it.</summary>
    public Refusal? MemoryFault(ulong gfn, ulong flags)
    {
        if (!Observes(RecordedKind.UserspaceExit) && _at.Place is Place.Kvm or Place.Unknown)
        {
            LeaveKvm(new()
            {
                Kind = RecordedKind.UserspaceExit,
                Line = 0,
                Number = 0,
                AtNs = _at.SinceNs,
                Thread = 0,
                Exit = RunExit.Fault,
                Text = ""
            }, []);
        }

        if (IsUnknown(Unknowns.Exit))
        {
            Learn(Unknowns.Exit);
            return null;
        }

        return _at.ExitedGfn == gfn && _at.ExitedFlags == flags
            ? null
            : _at.FailedPlainly
            ? new(Rules.F2Check, Invariant($"a plain -EFAULT, which writes nothing of it: the bit of gfn ")
                + Invariant($"0x{_at.FaultGfn:x} was cleared before the fault"))
            : new(Rules.F2Check, Invariant($"flags 0x{_at.ExitedFlags:x} for gfn 0x{_at.ExitedGfn:x}"));
    }

    /// <summary>The VMM accepted the APF of a page, and KVM said that this is fine.</summary>
    public Refusal? Accepted(ulong gfn) =>
        machine.Accept(gfn) || lane.Order.PastUnknown
            ? null
            : new(Rules.H1Accept, Invariant($"-ENOENT: no APF of this vCPU is outstanding for gfn 0x{gfn:x}"));

    private Refusal? NotPresent(in RecordedEvent e, List<CandidateState> successors)
    {
        if (InKvm(RecordedKind.NotPresent) is { } early)
        {
            return early;
        }

        if (TryUnrecorded(e, successors) is { } unseen)
        {
            return unseen;
        }

        BeginInTheMiddle(e);
        if (_at.TryDeferred && _expected.Count == 0)
        {
            if ((e.Value & 0xfff) != (ulong)lane.VcpuId)
            {
                return new(Rules.A4Token,
                    Invariant($"a token with the vCPU's id 0x{lane.VcpuId:x} in its low 12 bits"));
            }

            _at.TryDeferred = false;
            _at.TryDecided = true;
            Learn(Unknowns.Counter);
            machine.State.TokenCounter = (uint)(((e.Value >> 12) - 1) & 0xfffff);
            if (LookUp(successors) is { } refusal)
            {
                return refusal;
            }
        }

        if (_expected is not [{ Kind: RecordedKind.NotPresent } due, ..])
        {
            return new(Rules.K1TryFirst, _at.AsyncTried ? "no not-present: this attempt set no APF up"
                : "kvm_try_async_get_page first");
        }

        if (due.Value != e.Value || due.Gfn != e.Gfn)
        {
            return new(due.Value != e.Value ? Rules.A4Token : Rules.K1TryFirst, due.ToString());
        }

        _expected.RemoveAt(0);
        foreach (var other in successors)
        {
            other._expected.RemoveAll(o => o.Kind == RecordedKind.NotPresent); // split by this very line
        }

        if (!Observes(RecordedKind.Ready))
        {
            machine.Forget((uint)e.Value); // it may end at any time
        }

        return null;
    }

    private Refusal? RepeatedFault(in RecordedEvent e, List<CandidateState> successors)
    {
        if (InKvm(RecordedKind.RepeatedFault) is { } early)
        {
            return early;
        }

        if (TryUnrecorded(e, successors) is { } unseen)
        {
            return unseen;
        }

        BeginInTheMiddle(e);
        if (_at.TryDeferred
            || (_expected is [{ Kind: RecordedKind.RepeatedFault, Gfn: var gfn }, ..] && lane.Order.PastUnknown
            && gfn == e.Gfn && !_at.SetUp && !machine.State.RequestHalt))
        {
            _at.TryDeferred = false;
            _expected.Clear();
            machine.SettleFault();
            machine.State.RequestHalt = true;
            return null;
        }

        if (_expected is not [{ Kind: RecordedKind.RepeatedFault } due, ..] || due.Gfn != e.Gfn)
        {
            return new(Rules.A6Halt, _expected is [var first, ..] ? $"{first}"
                : "no repeated fault: no APF of this vCPU is outstanding for the page");
        }

        _expected.RemoveAt(0);
        return null;
    }

    /// <summary>Where attempts are not recorded, what follows one shows that it was made.</summary>
    private Refusal? TryUnrecorded(in RecordedEvent e, List<CandidateState> successors) =>
        _at.AsyncTried || Observes(RecordedKind.TryAsync) ? null
            : TryAsync(e with { Kind = RecordedKind.TryAsync }, successors);

    /// <summary>Where faults are not recorded, the exit tells the page.</summary>
    private bool FaultUnrecorded()
    {
        if (Observes(RecordedKind.PageFault) || _at.FaultSeen || !_at.HasExitGfn || lane.Setting.KernelApf)
        {
            return false;
        }

        _at.FaultSeen = true;
        _at.FaultGfn = _at.ExitGfn;
        machine.Fault(_at.ExitGfn, write: false, InterruptsOn, kernelMode: false);
        return machine.AwaitsCheck;
    }

    /// <summary>After a gap the first line of a thread may come from the middle of a fault.</summary>
    private void BeginInTheMiddle(in RecordedEvent e)
    {
        if (_at is { Place: Place.Unknown, AsyncTried: false, TryDeferred: false } && _expected.Count == 0)
        {
            _at.FaultGfn = e.Gfn;
            _at.AsyncTried = _at.TryDeferred = true;
            machine.Fault(e.Gfn, write: false, InterruptsOn, kernelMode: false);
        }
    }

    /// <summary>Nothing followed an attempt whose token would have been unknown: the queue was full, and the thread
    /// slept.</summary>
    private void DecideDeferredTry()
    {
        _at.TryDeferred = false;
        machine.SettleFault();
    }
}
