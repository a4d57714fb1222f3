using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>
/// One state of the frontier: a machine of one vCPU and where the trace has its thread. An event either moves it on,
/// splits it where something unobserved may have gone either way, or is refused with the rule that forbids it.
/// </summary>
internal sealed partial class CandidateState(LaneContext lane, VcpuMachine machine) : IDisposable
{
    private const int MostUnseen = 64;

    private readonly List<Expected> _expected = [];
    private ThreadState _at;

    /// <summary>Where the thread is.</summary>
    public ref readonly ThreadState At => ref _at;

    public VcpuMachine Machine => machine;

    /// <summary>What the machine has emitted and the trace has not shown.</summary>
    public IReadOnlyList<Expected> Expected => _expected;

    /// <summary>After the last event: the done list was looked at while it must have been empty.</summary>
    public bool FoundListEmpty { get; private set; }

    /// <summary>A vCPU that has not run yet.</summary>
    public void BeginFresh() => _at = new() { Place = Place.Userspace };

    /// <summary>A vCPU of which nothing is known.</summary>
    public void BeginUnknown(ulong vector)
    {
        _at = new() { Place = Place.Unknown, Unknown = Unknowns.All, Vector = vector };
        if (lane.Assumptions.SendAlways is { } always)
        {
            _at.SendAlways = always;
            Learn(Unknowns.Always);
        }

        machine.EnterKvm();
        // if it is not, that differs only in what is injected, and both are tried
        machine.State.ApfEnabled = lane.Assumptions.GuestApf ?? true;
    }

    /// <summary>The VMM made a call that the markers tell and the machine does not know, such as
    /// KVM_ENABLE_CAP.</summary>
    public void NoteCall() => _at.Unknown |= Unknowns.Capability;

    /// <summary>An interrupt that is none of APF's: it may end a halt.</summary>
    public void NoteInterrupt() => _at.OtherWake = true;

    public void Dispose() => machine.Dispose();

    /// <summary>Takes one event of the vCPU's thread.</summary>
    /// <param name="e">The event.</param>
    /// <param name="successors">Receives further states, where the machine may go more than one way.</param>
    /// <returns>Null, or why this state cannot emit it.</returns>
    public Refusal? Take(in RecordedEvent e, List<CandidateState> successors)
    {
        if (MayHaveAccepted())
        {
            var other = Clone();
            if (other.Machine.Accept(_at.ExitedGfn) && other.TakeNow(e, successors) is null)
            {
                successors.Add(other);
            }
            else
            {
                other.Dispose();
            }
        }

        return TakeNow(e, successors);
    }

    /// <summary>Whether the state is the same as another: then one of them is enough.</summary>
    public bool IsLike(CandidateState other) =>
        _at == other._at && _expected.SequenceEqual(other._expected) && machine.IsLike(other.Machine);

    /// <summary>The VMM is about to call KVM_RUN after an exit for which KVM started an APF, and the trace does not
    /// show its calls.</summary>
    private bool MayHaveAccepted() =>
        _at is { Place: Place.Userspace, SetUp: true } && !lane.Setting.KernelApf && !lane.Observed.Accepts
            && !lane.Assumptions.ShowsCalls;

    private Refusal? TakeNow(in RecordedEvent e, List<CandidateState> successors)
    {
        FoundListEmpty = false;
        return e.Kind switch
        {
            RecordedKind.Entry => Enter(e),
            RecordedKind.Exit => Leave(e),
            RecordedKind.PageFault => Fault(e),
            RecordedKind.TryAsync => TryAsync(e, successors),
            RecordedKind.NotPresent => NotPresent(e, successors),
            RecordedKind.RepeatedFault => RepeatedFault(e, successors),
            RecordedKind.Ready => Ready(e),
            RecordedKind.InjectException => InjectException(e),
            RecordedKind.InjectInterrupt => InjectInterrupt(e),
            RecordedKind.AcceptInterrupt => AcceptInterrupt(e),
            RecordedKind.Eoi => Eoi(e),
            RecordedKind.Msr => Msr(e),
            RecordedKind.UserspaceExit => LeaveKvm(e, successors),
            RecordedKind.Wakeup => Wakeup(),
            _ => null,
        };
    }

    private CandidateState Clone()
    {
        var copy = new VcpuMachine(lane.VcpuId, lane.Setting);
        copy.CopyFrom(machine);
        var clone = new CandidateState(lane, copy) { _at = _at };
        clone._expected.AddRange(_expected);
        return clone;
    }

    /// <summary>Whether the trace shows events of the kind; of interrupts and EOIs those of the ready vector.</summary>
    private bool Observes(RecordedKind kind) => kind is RecordedKind.InjectInterrupt or RecordedKind.Eoi
        ? lane.Observed.Has(kind, _at.Vector) : lane.Observed[kind];

    private bool IsUnknown(Unknowns what) =>
        (_at.Unknown & what) != 0
            || ((what & (Unknowns.Interrupt | Unknowns.Slot)) != 0 && !Observes(RecordedKind.Ready));

    private void Learn(Unknowns what) => _at.Unknown &= ~what;

    /// <summary>An event of KVM on this thread: not while the guest runs, and not before what the machine emits
    /// first.</summary>
    private Refusal? InKvm(RecordedKind kind)
    {
        LeaveUnrecorded();
        if (_at.Place == Place.Guest)
        {
            return new(Rules.T1Alternate, "only an exit: the vCPU is in the guest");
        }

        if (_expected.Count > 0 && _expected[0].Kind != kind)
        {
            return new(_expected[0].Kind == RecordedKind.AcceptInterrupt ? Rules.A10OnlyIfInjected
                : Rules.K1TryFirst, $"{_expected[0]} first");
        }

        if (_at.Place == Place.Userspace)
        {
            machine.EnterKvm();
            _at.Place = Place.Kvm;
            _at.AwaitsVmm = false;
        }

        return null; // after a gap, only an entry or an exit shows where the thread is: a trace may be cut line by line
    }

    /// <summary>Where exits are not recorded, the guest was left if anything shows that it was.</summary>
    private void LeaveUnrecorded()
    {
        if (_at.Place == Place.Guest && !Observes(RecordedKind.Exit))
        {
            LeaveUnseen();
        }
    }

    private void LeaveUnseen()
    {
        _at.BeginExit(new()
        {
            Kind = RecordedKind.Exit,
            Line = 0,
            Number = 0,
            AtNs = _at.SinceNs,
            Thread = 0,
            Text = ""
        });
        machine.SettleFault();
        machine.Leave();
    }

    private Refusal? Enter(in RecordedEvent e)
    {
        if (InKvm(RecordedKind.Entry) is { } early)
        {
            return early;
        }

        if (_at.Reason == LeaveReason.StageTwoFault && !_at.FaultSeen && Observes(RecordedKind.PageFault))
        {
            return new(Rules.T2OneFault, "kvm_page_fault first: the exit was a page fault");
        }

        if (_at.Reason == LeaveReason.Msr && !_at.MsrSeen && Observes(RecordedKind.Msr))
        {
            return new(Rules.T3OneMsr, "kvm_msr first: the exit was an MSR access");
        }

        DecideDeferredTry();
        return CheckInjection(e) ?? CheckDelivery() ?? EnterGuest();
    }

    /// <summary>What was announced, what the entry carries, and what is pending must be the same event.</summary>
    private Refusal? CheckInjection(in RecordedEvent e)
    {
        ref var v = ref machine.State;
        if (Observes(RecordedKind.InjectException))
        {
            if (v.PfPending && _at.Announced != Announced.NotPresent && !machine.IsHalted && !v.RequestHalt)
            {
                return new(Rules.A5Halt,
                    Invariant($"kvm_inj_exception first: the #PF with token 0x{v.PfToken:x} is pending"));
            }
        }
        else if (v.PfPending)
        {
            _at.Announced = Announced.NotPresent;
        }

        if (!lane.Observed.EntryCarriesEvent || !e.HasEventInfo)
        {
            return null;
        }

        var carried = EventInfo.Of(e.EventInfo, _at.Vector);
        if (_at.Place == Place.Unknown && _at.Announced == Announced.Nothing && carried != Announced.Nothing)
        {
            // it was traced in the gap
            _at.Announced = carried == Announced.ReadyInterrupt ? carried : Announced.Another;
            v.IrqPending |= carried == Announced.ReadyInterrupt;
            return null;
        }

        if (Observes(RecordedKind.InjectException) && carried == Announced.NotPresent
            && _at.Announced is not (Announced.NotPresent or Announced.Another))
        {
            return new(Rules.I2EntryInfo, "an entry without the #PF it carries: no injection was traced");
        }

        if (Observes(RecordedKind.InjectInterrupt) && carried == Announced.ReadyInterrupt
            && _at.Announced != Announced.ReadyInterrupt)
        {
            return new(Rules.I2EntryInfo, "an entry without the interrupt it carries: no injection was traced");
        }

        if (!Observes(RecordedKind.InjectInterrupt) && carried == Announced.ReadyInterrupt)
        {
            _at.Announced = Announced.ReadyInterrupt;
        }

        return _at.Announced is Announced.NotPresent or Announced.ReadyInterrupt && carried != _at.Announced
            ? new(Rules.I2EntryInfo, "an entry that carries the event whose injection was traced")
            : null;
    }

    /// <summary>What lay on the done list for certain would have been delivered before the entry, unless a token is in
    /// the slot.</summary>
    private Refusal? CheckDelivery()
    {
        if (!machine.Apf.CanDequeue(0) || IsUnknown(Unknowns.Slot))
        {
            return null;
        }

        FoundListEmpty = true;
        return lane.Order.CertainlyDone(_at.SinceNs) is { } done
            ? new(Rules.A7Request,
                Invariant($"kvm_async_pf_ready first: token 0x{done.Token:x} was completed before the vCPU came into ")
                + Invariant($"KVM"))
            : null;
    }

    private Refusal? EnterGuest()
    {
        // A not-present that is pending was possible with interrupts on only, and the guest has not run since.
        var token = machine.State.PfToken;
        var interruptsOn = _at.Announced is Announced.ReadyInterrupt or Announced.NotPresent;
        var end = machine.RunToGuest(interruptsOn);
        if (end == RunEnd.Halted
            && (_at.OtherWake || !Observes(RecordedKind.Ready)
            || !(Observes(RecordedKind.AcceptInterrupt) || lane.Assumptions.IsPinned)))
        {
            // an interrupt that is none of APF's business, or one that the trace need not show
            machine.OtherInterrupt();
            end = machine.RunToGuest(interruptsOn);
        }

        for (var unseen = 0; end == RunEnd.Delivered && !Observes(RecordedKind.Ready) && unseen < MostUnseen; unseen++)
        {
            end = machine.RunToGuest(interruptsOn);
        }

        if (end != RunEnd.Entered)
        {
            return end == RunEnd.Halted
                ? new(Rules.A13Interrupt, "no entry: the vCPU is halted and nothing woke it")
                : new(Rules.A7Request,
                    Invariant($"kvm_async_pf_ready first: token 0x{machine.Emitted[^1].Value:x} is on the done list"));
        }

        if (_at.Announced == Announced.NotPresent && machine.State.Step != VcpuStep.GuestNotPresent)
        {
            return new(Rules.EntryOrder, "the interrupt and not the #PF");
        }

        Learn(Unknowns.NotPresent); // one that was pending would have gone in first
        _at.Taken = _at is { Place: Place.Unknown, Announced: Announced.Nothing } ? Announced.Another : _at.Announced;
        _at.TakenToken = token;
        _at.Announced = Announced.Nothing;
        _at.Place = Place.Guest;
        _at.OtherWake = _at.MayReinject = false;
        _at.InService |= _at.Taken == Announced.ReadyInterrupt;
        _at.HandlerRan |= _at.InService;
        if (machine.State.Step == VcpuStep.GuestNotPresent)
        {
            machine.HandleNotPresent();
        }

        return null;
    }

    private Refusal? Leave(in RecordedEvent e)
    {
        var mayHaveEntered = _at.Place is Place.Kvm or Place.Userspace
            || _at is { Place: Place.Unknown, Announced: not Announced.Nothing };
        if (mayHaveEntered && !Observes(RecordedKind.Entry)
            && (InKvm(RecordedKind.Entry) ?? EnterGuest()) is { } unseen)
        {
            return unseen;
        }

        if (_at.Place is not (Place.Guest or Place.Unknown))
        {
            return new(Rules.T1Alternate, "no exit: the vCPU is not in the guest, an entry comes first");
        }

        if (e.HasEventInfo && EventInfo.IsInterruptedDelivery(e.EventInfo))
        {
            TakeBack();
        }
        else if (_at.Taken == Announced.Nothing && _at.Place == Place.Guest && lane.Assumptions.IsPinned
            && !IsUnknown(Unknowns.NotPresent)
            && e.HasEventInfo && Observes(RecordedKind.InjectException) && EventInfo.NamesPageFault(e.EventInfo))
        {
            return new(Rules.I1ExitInfo,
                "an exit without a #PF in its event information: none was injected at the entry");
        }

        _at.BeginExit(e);
        machine.Leave();
        // With the interrupt pending KVM does not halt the vCPU (x86.c: __kvm_emulate_halt), and injects at the exit of
        // the interrupt window that it has asked for before.
        if (e.Reason == LeaveReason.Halt && !(machine.State.IrqPending && InterruptsOn))
        {
            machine.Halt();
            _at.OtherWake |= IsUnknown(Unknowns.Interrupt);
        }

        return null;
    }

    /// <summary>The exit says that the event was not delivered after all: KVM will inject it again.</summary>
    private void TakeBack()
    {
        ref var v = ref machine.State;
        _at.MayReinject = true;
        if (_at.Taken == Announced.NotPresent)
        {
            v.PfPending = true;
            v.PfToken = _at.TakenToken;
        }
        else if (_at.Taken == Announced.ReadyInterrupt)
        {
            v.IrqPending = true;
            _at.InService = false;
        }
    }

    private Refusal? LeaveKvm(in RecordedEvent e, List<CandidateState> successors)
    {
        var wasOut = _at.Place == Place.Userspace;
        if (wasOut && e.Exit == RunExit.Signal && !lane.Setting.KernelApf)
        {
            successors.Add(Clone()); // immediate_exit was set: the interface was not even called
        }

        if (InKvm(RecordedKind.UserspaceExit) is { } early)
        {
            return early;
        }

        if (_at.Reason == LeaveReason.StageTwoFault && !_at.FaultSeen && Observes(RecordedKind.PageFault))
        {
            return new(Rules.T2OneFault, "kvm_page_fault first: the exit was a page fault");
        }

        if (wasOut && (e.Exit is not { } reason || reason.Row().HasFaultInfo))
        {
            return new(Rules.T4OneReturn, "no exit to userspace: KVM_RUN has returned and the guest has not run since");
        }

        if (_expected is [{ Kind: RecordedKind.UserspaceExit }, ..])
        {
            _expected.RemoveAt(0);
        }
        else if (lane.Setting.KernelApf && _at.SetUp && e.Exit?.Row().HasFaultInfo == true)
        {
            return new(Rules.K1TryFirst, "no error: the fault was made asynchronous");
        }
        else if (e.Exit?.Row().HasFaultInfo == true && (machine.AwaitsCheck || FaultUnrecorded()))
        {
            if (lane.Order.PastUnknown && !_at.FailedPlainly)
            {
                FailPlainly(e, successors); // the bit may have been cleared in the gap
            }

            if (ExitPlainly() is { } refusal)
            {
                return refusal;
            }
        }

        if (machine.IsExiting(out var flags))
        {
            (_at.ExitedGfn, _at.ExitedFlags) = (_at.FaultGfn, flags);
            Learn(Unknowns.Exit);
        }

        _at.MayReinject |= _at.Announced != Announced.Nothing;
        _at.Announced = Announced.Nothing; // what was to be injected stays pending (A15)
        if (e.Exit == RunExit.Signal)
        {
            machine.Interrupt();
        }
        else
        {
            machine.LeaveKvm();
        }

        _at.Place = Place.Userspace;
        _at.AwaitsVmm = e.Exit?.Row().HasFaultInfo == true;
        _at.SinceNs = e.AtNs;
        _at.Reason = LeaveReason.Unknown;
        return null;
    }

    private Refusal? Wakeup()
    {
        if (InKvm(RecordedKind.Wakeup) is { } early)
        {
            return early;
        }

        _at.Woken = true;
        return _at.Reason is LeaveReason.Halt or LeaveReason.Unknown ? null
            : new(Rules.T5Wakeup, "no kvm_vcpu_wakeup: the guest did not execute HLT, and an APF halt leaves no event");
    }
}
