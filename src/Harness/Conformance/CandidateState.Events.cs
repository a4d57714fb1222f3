using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <content>Ready events, injections, the LAPIC's and the MSRs' end of the protocol.</content>
internal sealed partial class CandidateState
{
    private const uint EnableMsr = 0x4b564d02;
    private const uint InterruptMsr = 0x4b564d06;
    private const uint AckMsr = 0x4b564d07;
    private const uint X2ApicEoi = 0x80b;
    private const ulong EnableBits = 0b1001;
    private const ulong SendAlwaysBit = 0b10;

    private Refusal? Ready(in RecordedEvent e)
    {
        if (InKvm(RecordedKind.Ready) is { } early)
        {
            return early;
        }

        DecideDeferredTry();
        if (e.Value == RecordedEvent.WakeAll)
        {
            return e.Gfn == 0 ? Deliver(e, slot: -1) : new(Rules.A12WakeAll, "gva 0x0: waking all is for no page");
        }

        var slot = machine.Apf.FindByToken(0, (uint)e.Value);
        if (slot < 0)
        {
            return IsOfTheGap(e) ? DeliverUnrecorded()
                : new(Rules.A10OnlyIfInjected, "no such ready: no APF with this token is outstanding");
        }

        if (machine.PageOf(machine.Apf.Item(slot).Gfn) != e.Gfn)
        {
            return new(Rules.A10OnlyIfInjected,
                Invariant($"token 0x{e.Value:x} with gfn 0x{machine.PageOf(machine.Apf.Item(slot).Gfn):x}"));
        }

        return lane.Order.Find(e.Value) is { } item && lane.Order.MustGoBefore(item) is { } other
            ? new(Rules.A7Request,
                Invariant($"token 0x{other.Token:x} first: it was completed before 0x{e.Value:x} can have been, and ")
                + Invariant($"the list is first in, first out"))
            : Deliver(e, slot);
    }

    /// <summary>An APF that was set up where the trace has a gap, or before it begins.</summary>
    private bool IsOfTheGap(in RecordedEvent e) => lane.Order.PastUnknown && (e.Value & 0xfff) == (ulong)lane.VcpuId
        && (IsUnknown(Unknowns.Counter) || e.Value >> 12 < machine.State.TokenCounter);

    private Refusal? DeliverUnrecorded()
    {
        _at.Unknown |= Unknowns.Interrupt | Unknowns.Slot;
        machine.State.ApfHalted = machine.State.GuestHlt = false;
        _at.OtherWake = true;
        return null;
    }

    private Refusal? Deliver(in RecordedEvent e, int slot)
    {
        ref var v = ref machine.State;
        if (v.SharedToken != 0 && v.ApfEnabled)
        {
            var mayBeZero = _at.HandlerRan || _at.Vector == 0 || !Observes(RecordedKind.InjectInterrupt)
                || IsUnknown(Unknowns.Slot);
            v.SharedToken = mayBeZero ? 0 : v.SharedToken; // the guest's handler did that, which no event shows
        }

        if (slot >= 0)
        {
            machine.Append(slot);
        }
        else if (v.DoneCount == 0 && IsUnknown(Unknowns.Slot))
        {
            return DeliverUnrecorded();
        }

        if (_at is { Reason: LeaveReason.Msr, MsrSeen: false, AckSeen: false })
        {
            _at.AckSeen = true; // a ready inside an MSR exit, before its line: the guest is writing the ACK
            machine.Acknowledge();
        }

        if (machine.RunToGuest(interruptsOn: false) != RunEnd.Delivered)
        {
            return v.SharedToken != 0
                ? new(Rules.A9OneAtATime,
                    Invariant($"no ready: token 0x{v.SharedToken:x} is still in the shared word, and the guest has ")
                    + Invariant($"not run its handler"))
                : new(Rules.A7Request, "no ready: nothing asked for a delivery");
        }

        if (machine.Emitted[^1] is var emitted && emitted.Value != e.Value)
        {
            return new(Rules.A10OnlyIfInjected, Invariant($"token 0x{emitted.Value:x} first"));
        }

        _at.HandlerRan = false;
        if (v.IrqPending && v.SharedToken == (uint)e.Value && Observes(RecordedKind.AcceptInterrupt))
        {
            _expected.Add(new(RecordedKind.AcceptInterrupt, 0, _at.Vector));
        }

        return null;
    }

    private Refusal? InjectException(in RecordedEvent e)
    {
        if (!e.IsWrite)
        {
            return _at.Place == Place.Guest ? new(Rules.T1Alternate, "only an exit: the vCPU is in the guest") : null;
        }

        if (InKvm(RecordedKind.InjectException) is { } early)
        {
            return early;
        }

        if (e.Again)
        {
            if (_at.Announced is not (Announced.NotPresent or Announced.Another) && !_at.MayReinject
                && !IsUnknown(Unknowns.NotPresent))
            {
                return new(Rules.I3Again, "no second injection: none was cancelled");
            }

            _at.Announced = machine.State.PfPending ? Announced.NotPresent : Announced.Another;
            return null;
        }

        if (_at.Announced == Announced.NotPresent)
        {
            return new(Rules.I3Again, "no second injection that is not marked as one");
        }

        if (machine.State.PfPending)
        {
            _at.Announced = Announced.NotPresent;
            return null;
        }

        if (_at.SetUp || (!IsUnknown(Unknowns.NotPresent) && lane.Assumptions.IsPinned))
        {
            return new(Rules.A5Halt, _at.SetUp ? "no #PF: the not-present could not be delivered, and the vCPU halts"
                : "no #PF: no not-present is pending");
        }

        Learn(Unknowns.NotPresent);
        _at.Announced = Announced.Another; // one of the guest's own, or of the gap
        return null;
    }

    private Refusal? InjectInterrupt(in RecordedEvent e)
    {
        if (InKvm(RecordedKind.InjectInterrupt) is { } early)
        {
            return early;
        }

        if (e.Value != _at.Vector || _at.Vector == 0)
        {
            _at.Announced = _at.Announced == Announced.Nothing ? Announced.Another : _at.Announced;
            return null;
        }

        if (_at.Announced == Announced.NotPresent)
        {
            return new(Rules.EntryOrder, "the #PF and no interrupt: exceptions go first, and one event goes at a time");
        }

        if (e.Again)
        {
            if (_at.Announced != Announced.ReadyInterrupt && !_at.MayReinject && !IsUnknown(Unknowns.Interrupt))
            {
                return new(Rules.I3Again, "no second injection: none was cancelled");
            }
        }
        else if (_at.Announced == Announced.ReadyInterrupt)
        {
            return new(Rules.I3Again, "no second injection that is not marked as one");
        }
        else if (_at.InService && Observes(RecordedKind.Eoi))
        {
            return new(Rules.L2NoSecond, "no interrupt: the last one has seen no EOI");
        }
        else if (!machine.State.IrqPending && !IsUnknown(Unknowns.Interrupt))
        {
            return new(Rules.A10OnlyIfInjected, "no interrupt: no ready event is pending");
        }

        machine.State.IrqPending = true;
        Learn(Unknowns.Interrupt);
        _at.Announced = Announced.ReadyInterrupt;
        return null;
    }

    private Refusal? AcceptInterrupt(in RecordedEvent e)
    {
        if (_expected is [{ Kind: RecordedKind.AcceptInterrupt } due, ..] && (due.Value == e.Value || due.Value == 0))
        {
            _at.Vector = e.Value;
            _expected.RemoveAt(0);
            return null;
        }

        if (_at.Vector != 0 && e.Value == _at.Vector)
        {
            if (!IsUnknown(Unknowns.Interrupt))
            {
                return new(Rules.L1ReadyVector, _expected is [var first, ..] ? $"{first} first"
                    : "no interrupt on the ready vector: no ready event delivered one");
            }

            machine.State.IrqPending = true;
            Learn(Unknowns.Interrupt);
        }

        _at.OtherWake = true;
        return null;
    }

    private Refusal? Eoi(in RecordedEvent e)
    {
        if (e.Value != _at.Vector || _at.Vector == 0)
        {
            return null;
        }

        if (InKvm(RecordedKind.Eoi) is { } early)
        {
            return early;
        }

        if (!_at.InService && !IsUnknown(Unknowns.InService) && Observes(RecordedKind.InjectInterrupt))
        {
            return new(Rules.L3Eoi, "no EOI: the interrupt is not in service");
        }

        _at.InService = false;
        Learn(Unknowns.InService);
        return null;
    }

    private Refusal? Msr(in RecordedEvent e)
    {
        if (InKvm(RecordedKind.Msr) is { } early)
        {
            return early;
        }

        if (_at.MsrSeen || _at.Reason is LeaveReason.StageTwoFault or LeaveReason.Halt or LeaveReason.InterruptWindow)
        {
            return new(Rules.T3OneMsr, _at.MsrSeen ? "no second kvm_msr for one exit"
                : "no kvm_msr: the exit had another reason");
        }

        _at.MsrSeen = true;
        if (e is { IsWrite: true, Index: X2ApicEoi } && _at.InService && Observes(RecordedKind.Eoi))
        {
            return new(Rules.L3Eoi, "kvm_eoi first: the interrupt is in service, and this write ends it");
        }

        if (_at.AckSeen && !(e.IsWrite && e.Index == AckMsr))
        {
            return new(Rules.A9OneAtATime, "a write of the ACK MSR: a ready was delivered inside this exit");
        }

        return e switch
        {
            { IsWrite: true, Index: AckMsr } => (e.Value & 1) != 0 ? Acknowledge() : null,
            { IsWrite: true, Index: EnableMsr } => SetEnabled(e.Value),
            { IsWrite: true, Index: InterruptMsr } => SetVector(e.Value & 0xff),
            _ => null,
        };
    }

    private Refusal? SetVector(ulong vector)
    {
        _at.Vector = vector;
        return null;
    }

    private Refusal? SetEnabled(ulong data)
    {
        _at.SendAlways = (data & SendAlwaysBit) != 0;
        Learn(Unknowns.Always);
        if ((data & EnableBits) == EnableBits)
        {
            machine.Enable();
        }
        else
        {
            machine.Disable();
            _at.TryDeferred = false;
        }

        Learn(Unknowns.Slot | Unknowns.Enabled);
        return null;
    }

    /// <summary>An ACK without a ready before its line: KVM looked at the done list, with the token word zeroed as the
    /// protocol asks, and found nothing.</summary>
    private Refusal? Acknowledge()
    {
        Learn(Unknowns.Slot);
        if (_at.AckSeen)
        {
            return null; // the ready before this line was it
        }

        machine.State.SharedToken = 0;
        machine.Acknowledge();
        machine.LookAtDoneList();
        FoundListEmpty = true;
        return lane.Order.CertainlyDone(_at.SinceNs) is { } done
            ? new(Rules.A9OneAtATime,
                Invariant($"kvm_async_pf_ready before this line: token 0x{done.Token:x} waited for the ACK"))
            : null;
    }
}
