using UapiLab.Harness.Machines;
using UapiLab.Harness.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>
/// One state of the frontier: a machine of one vCPU and where the trace has its thread. An event either moves it on, splits it
/// where something unobserved may have gone either way, or is refused with the rule that forbids it.
/// </summary>
internal sealed partial class Hypothesis(LaneContext lane, VcpuMachine machine) : IDisposable
{
    private const int MostUnseen = 64;

    private readonly List<Expected> expected = [];
    private ThreadState at;

    /// <summary>Where the thread is.</summary>
    public ref readonly ThreadState At => ref at;

    public VcpuMachine Machine => machine;

    /// <summary>What the machine has emitted and the trace has not shown.</summary>
    public IReadOnlyList<Expected> Expected => expected;

    /// <summary>After the last event: the done list was looked at while it must have been empty.</summary>
    public bool FoundListEmpty { get; private set; }

    /// <summary>A vCPU that has not run yet.</summary>
    public void BeginFresh() => at = new() { Place = Place.Userspace };

    /// <summary>A vCPU of which nothing is known.</summary>
    public void BeginUnknown(ulong vector)
    {
        at = new() { Place = Place.Unknown, Unknown = Unknowns.All, Vector = vector };
        machine.EnterKvm();
        machine.State.ApfEnabled = lane.Pins.GuestApf ?? true; // if it is not, that differs only in what is injected, and both are tried
    }

    /// <summary>An interrupt that is none of APF's: it may end a halt.</summary>
    public void NoteInterrupt() => at.OtherWake = true;

    public void Dispose() => machine.Dispose();

    /// <summary>Takes one event of the vCPU's thread.</summary>
    /// <param name="e">The event.</param>
    /// <param name="offspring">Receives further states, where the machine may go more than one way.</param>
    /// <returns>Null, or why this state cannot emit it.</returns>
    public Refusal? Take(in RecordedEvent e, List<Hypothesis> offspring)
    {
        if (MayHaveAccepted())
        {
            var other = Clone();
            if (other.Machine.Accept(at.ExitedGfn) && other.TakeNow(e, offspring) is null)
            {
                offspring.Add(other);
            }
            else
            {
                other.Dispose();
            }
        }

        return TakeNow(e, offspring);
    }

    /// <summary>Whether the state is the same as another: then one of them is enough.</summary>
    public bool IsLike(Hypothesis other) =>
        at == other.at && expected.SequenceEqual(other.expected) && machine.IsLike(other.Machine);

    /// <summary>The VMM is about to call KVM_RUN after an exit for which KVM started an APF, and the trace does not show its calls.</summary>
    private bool MayHaveAccepted() =>
        at is { Place: Place.Userspace, SetUp: true } && !lane.Setting.KernelApf && !lane.Observed.Accepts && !lane.Pins.IsPinned;

    private Refusal? TakeNow(in RecordedEvent e, List<Hypothesis> offspring)
    {
        FoundListEmpty = false;
        return e.Kind switch
        {
            RecordedKind.Entry => Enter(e),
            RecordedKind.Exit => Leave(e),
            RecordedKind.PageFault => Fault(e),
            RecordedKind.TryAsync => TryAsync(e, offspring),
            RecordedKind.NotPresent => NotPresent(e, offspring),
            RecordedKind.RepeatedFault => RepeatedFault(e, offspring),
            RecordedKind.Ready => Ready(e),
            RecordedKind.InjectException => InjectException(e),
            RecordedKind.InjectInterrupt => InjectInterrupt(e),
            RecordedKind.AcceptInterrupt => AcceptInterrupt(e),
            RecordedKind.Eoi => Eoi(e),
            RecordedKind.Msr => Msr(e),
            RecordedKind.UserspaceExit => LeaveKvm(e, offspring),
            RecordedKind.Wakeup => Wakeup(),
            _ => null,
        };
    }

    private Hypothesis Clone()
    {
        var copy = new VcpuMachine(lane.VcpuId, lane.Setting);
        copy.CopyFrom(machine);
        var clone = new Hypothesis(lane, copy) { at = at };
        clone.expected.AddRange(expected);
        return clone;
    }

    private bool Observes(RecordedKind kind) => lane.Observed[kind];

    private bool IsUnknown(Unknowns what) =>
        (at.Unknown & what) != 0 || ((what & (Unknowns.Interrupt | Unknowns.Slot)) != 0 && !Observes(RecordedKind.Ready));

    private void Learn(Unknowns what) => at.Unknown &= ~what;

    /// <summary>An event of KVM on this thread: not while the guest runs, and not before what the machine emits first.</summary>
    private Refusal? InKvm(RecordedKind kind)
    {
        LeaveUnseen();
        if (at.Place == Place.Guest)
        {
            return new(Rules.T1Alternate, "only an exit: the vCPU is in the guest");
        }

        if (expected.Count > 0 && expected[0].Kind != kind)
        {
            return new(expected[0].Kind == RecordedKind.AcceptInterrupt ? Rules.A10OnlyIfInjected : Rules.K1TryFirst, $"{expected[0]} first");
        }

        if (at.Place == Place.Userspace)
        {
            machine.EnterKvm();
            at.Place = Place.Kvm;
        }

        return null; // after a gap, only an entry or an exit shows where the thread is: a trace may be cut line by line
    }

    /// <summary>Where exits are not recorded, the guest was left if anything shows that it was.</summary>
    private void LeaveUnseen()
    {
        if (at.Place == Place.Guest && !Observes(RecordedKind.Exit))
        {
            at.BeginExit(new() { Kind = RecordedKind.Exit, Line = 0, Number = 0, AtNs = at.SinceNs, Thread = 0, Text = "" });
            machine.Leave();
        }
    }

    private Refusal? Enter(in RecordedEvent e)
    {
        if (InKvm(RecordedKind.Entry) is { } early)
        {
            return early;
        }

        if (at.Reason == LeaveReason.StageTwoFault && !at.FaultSeen && Observes(RecordedKind.PageFault))
        {
            return new(Rules.T2OneFault, "kvm_page_fault first: the exit was a page fault");
        }

        if (at.Reason == LeaveReason.Msr && !at.MsrSeen && Observes(RecordedKind.Msr))
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
            if (v.PfPending && at.Announced != Announced.NotPresent && !machine.IsHalted && !v.RequestHalt)
            {
                return new(Rules.A5Halt, Invariant($"kvm_inj_exception first: the #PF with token 0x{v.PfToken:x} is pending"));
            }
        }
        else if (v.PfPending)
        {
            at.Announced = Announced.NotPresent;
        }

        if (!lane.Observed.EntryCarriesEvent || !e.HasEventInfo)
        {
            return null;
        }

        var carried = EventInfo.Of(e.EventInfo, at.Vector);
        if (at.Place == Place.Unknown && at.Announced == Announced.Nothing && carried != Announced.Nothing)
        {
            at.Announced = carried == Announced.ReadyInterrupt ? carried : Announced.Another; // it was traced in the gap
            v.IrqPending |= carried == Announced.ReadyInterrupt;
            return null;
        }

        if (Observes(RecordedKind.InjectException) && carried == Announced.NotPresent && at.Announced is not (Announced.NotPresent or Announced.Another))
        {
            return new(Rules.I2EntryInfo, "an entry without the #PF it carries: no injection was traced");
        }

        if (Observes(RecordedKind.InjectInterrupt) && carried == Announced.ReadyInterrupt && at.Announced != Announced.ReadyInterrupt)
        {
            return new(Rules.I2EntryInfo, "an entry without the interrupt it carries: no injection was traced");
        }

        if (!Observes(RecordedKind.InjectInterrupt) && carried == Announced.ReadyInterrupt)
        {
            at.Announced = Announced.ReadyInterrupt;
        }

        return at.Announced is Announced.NotPresent or Announced.ReadyInterrupt && carried != at.Announced
            ? new(Rules.I2EntryInfo, "an entry that carries the event whose injection was traced")
            : null;
    }

    /// <summary>What lay on the done list for certain would have been delivered before the entry, unless a token is in the slot.</summary>
    private Refusal? CheckDelivery()
    {
        if (!machine.Apf.CanDequeue(0) || IsUnknown(Unknowns.Slot))
        {
            return null;
        }

        FoundListEmpty = true;
        return lane.Order.CertainlyDone(at.SinceNs) is { } done
            ? new(Rules.A7Request, Invariant($"kvm_async_pf_ready first: token 0x{done.Token:x} was completed before the vCPU came into KVM"))
            : null;
    }

    private Refusal? EnterGuest()
    {
        // A not-present that is pending was possible with interrupts on only, and the guest has not run since.
        var token = machine.State.PfToken;
        var interruptsOn = at.Announced is Announced.ReadyInterrupt or Announced.NotPresent;
        var end = machine.RunToGuest(interruptsOn);
        if (end == RunEnd.Halted && (at.OtherWake || !Observes(RecordedKind.Ready) || !(Observes(RecordedKind.AcceptInterrupt) || lane.Pins.IsPinned)))
        {
            machine.OtherInterrupt(); // an interrupt that is none of APF's business, or one that the trace need not show
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
                : new(Rules.A7Request, Invariant($"kvm_async_pf_ready first: token 0x{machine.Emitted[^1].Value:x} is on the done list"));
        }

        if (at.Announced == Announced.NotPresent && machine.State.Step != VcpuStep.GuestNotPresent)
        {
            return new(Rules.EntryOrder, "the interrupt and not the #PF");
        }

        Learn(Unknowns.NotPresent); // one that was pending would have gone in first
        at.Taken = at is { Place: Place.Unknown, Announced: Announced.Nothing } ? Announced.Another : at.Announced;
        at.TakenToken = token;
        at.Announced = Announced.Nothing;
        at.Place = Place.Guest;
        at.OtherWake = at.MayReinject = false;
        at.InService |= at.Taken == Announced.ReadyInterrupt;
        at.HandlerRan |= at.InService;
        if (machine.State.Step == VcpuStep.GuestNotPresent)
        {
            machine.HandleNotPresent();
        }

        return null;
    }

    private Refusal? Leave(in RecordedEvent e)
    {
        var mayHaveEntered = at.Place is Place.Kvm or Place.Userspace || at is { Place: Place.Unknown, Announced: not Announced.Nothing };
        if (mayHaveEntered && !Observes(RecordedKind.Entry) && (InKvm(RecordedKind.Entry) ?? EnterGuest()) is { } unseen)
        {
            return unseen;
        }

        if (at.Place is not (Place.Guest or Place.Unknown))
        {
            return new(Rules.T1Alternate, "no exit: the vCPU is not in the guest, an entry comes first");
        }

        if (e.HasEventInfo && EventInfo.IsInterruptedDelivery(e.EventInfo))
        {
            TakeBack();
        }
        else if (at.Taken == Announced.Nothing && at.Place == Place.Guest && lane.Pins.IsPinned && !IsUnknown(Unknowns.NotPresent)
            && e.HasEventInfo && Observes(RecordedKind.InjectException) && EventInfo.NamesPageFault(e.EventInfo))
        {
            return new(Rules.I1ExitInfo, "an exit without a #PF in its event information: none was injected at the entry");
        }

        at.BeginExit(e);
        machine.Leave();
        if (e.Reason == LeaveReason.Halt)
        {
            machine.Halt();
        }

        return null;
    }

    /// <summary>The exit says that the event was not delivered after all: KVM will inject it again.</summary>
    private void TakeBack()
    {
        ref var v = ref machine.State;
        at.MayReinject = true;
        if (at.Taken == Announced.NotPresent)
        {
            v.PfPending = true;
            v.PfToken = at.TakenToken;
        }
        else if (at.Taken == Announced.ReadyInterrupt)
        {
            v.IrqPending = true;
            at.InService = false;
        }
    }

    private Refusal? LeaveKvm(in RecordedEvent e, List<Hypothesis> offspring)
    {
        var wasOut = at.Place == Place.Userspace;
        if (wasOut && e.Exit == RunExit.Signal && !lane.Setting.KernelApf)
        {
            offspring.Add(Clone()); // immediate_exit was set: the interface was not even called
        }

        if (InKvm(RecordedKind.UserspaceExit) is { } early)
        {
            return early;
        }

        if (at.Reason == LeaveReason.StageTwoFault && !at.FaultSeen && Observes(RecordedKind.PageFault))
        {
            return new(Rules.T2OneFault, "kvm_page_fault first: the exit was a page fault");
        }

        if (wasOut && (e.Exit is not { } reason || reason.Row().HasFaultInfo))
        {
            return new(Rules.T4OneReturn, "no exit to userspace: KVM_RUN has returned and the guest has not run since");
        }

        if (expected is [{ Kind: RecordedKind.UserspaceExit }, ..])
        {
            expected.RemoveAt(0);
        }
        else if (lane.Setting.KernelApf && at.SetUp && e.Exit?.Row().HasFaultInfo == true)
        {
            return new(Rules.K1TryFirst, "no error: the fault was made asynchronous");
        }
        else if (e.Exit?.Row().HasFaultInfo == true && (machine.AwaitsCheck || FaultUnseen()) && ExitPlainly() is { } refusal)
        {
            return refusal;
        }

        if (machine.IsExiting(out var flags))
        {
            (at.ExitedGfn, at.ExitedFlags) = (at.FaultGfn, flags);
            Learn(Unknowns.Exit);
        }

        at.MayReinject |= at.Announced != Announced.Nothing;
        at.Announced = Announced.Nothing; // what was to be injected stays pending (A15)
        if (e.Exit == RunExit.Signal)
        {
            machine.Interrupt();
        }
        else
        {
            machine.LeaveKvm();
        }

        at.Place = Place.Userspace;
        at.SinceNs = e.AtNs;
        at.Reason = LeaveReason.Unknown;
        return null;
    }

    private Refusal? Wakeup() => InKvm(RecordedKind.Wakeup) is { } early
        ? early
        : at.Reason is LeaveReason.Halt or LeaveReason.Unknown ? null : new(Rules.T5Wakeup, "no kvm_vcpu_wakeup: the guest did not execute HLT, and an APF halt leaves no event");
}
