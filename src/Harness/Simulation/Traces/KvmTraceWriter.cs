using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Writes what a machine does as the lines that a host's ftrace would have, for <c>conform</c> to read. No
/// event of the machine stands for an exit or an accepted interrupt: both follow from what comes after them.</summary>
/// <param name="to">Receives the lines.</param>
internal sealed class KvmTraceWriter(TextWriter to) : IMachineObserver
{
    /// <summary>Behind it nothing is recorded; a guest that stands still has no event of its own to say how
    /// long.</summary>
    public const string Ends = "recording ends";

    private const string Marker = "tracing_mark_write";
    private const int PageShift = 12;
    private const int NsDigits = 9;
    private const int FirstThread = 1_000;
    private const ulong Area = 0x8000;
    private const ulong Vector = 0xf3;
    private const ulong Enabled = 0b1001;
    private const ulong SendAlways = 0b10;
    private const ulong UserAccess = 4;
    private const ulong WriteAccess = 2;

    /// <summary>Events of APFs, of which there may be none.</summary>
    private static readonly MachineEventKind[] s_written =
    [
        MachineEventKind.KvmTryAsyncGetPage, MachineEventKind.KvmAsyncPfNotPresent,
        MachineEventKind.KvmAsyncPfRepeatedFault, MachineEventKind.KvmAsyncPfCompleted,
        MachineEventKind.KvmAsyncPfReady,
    ];

    private Machine _machine = null!;
    private Lane[] _lanes = [];

    /// <summary>Says what VM it is, and has each guest enable APF, as it has before its first step.</summary>
    /// <param name="machine">The machine, before its first step.</param>
    /// <param name="name">Of the scenario, one word.</param>
    public void Begin(Machine machine, string name)
    {
        var config = machine.Config;
        (_machine, _lanes) = (machine, new Lane[config.Vcpus]);
        var apf = config.GuestApf ? 1 : 0;
        Line(-1, Marker, $"BEGIN {name} vcpus={config.Vcpus} apf={apf} calls=0 "
            + $"encoding={machine.Encoding.Description.FullName}");
        for (var vcpu = 0; config.GuestApf && vcpu < config.Vcpus; vcpu++)
        {
            Enter(vcpu);
            WriteMsr(vcpu, "4b564d06", Vector);
            Enter(vcpu);
            WriteMsr(vcpu, "4b564d02", Area | Enabled | (config.SendAlways ? SendAlways : 0));
        }
    }

    /// <summary>The recorder stops.</summary>
    /// <param name="afterNs">So long after the last event.</param>
    public void End(long afterNs)
    {
        for (var vcpu = 0; vcpu < _lanes.Length; vcpu++)
        {
            Settle(vcpu, isInjected: false);
        }

        Line(-1, Marker, $"{Ends}: {string.Join(' ', s_written.Select(kind => kind.Row().Text))}", afterNs);
    }

    public void On(in MachineEvent e)
    {
        var (vcpu, name) = (e.Vcpu, e.Kind.Row().Text);
        if (_machine.CurrentActor == vcpu && e.Kind is not (MachineEventKind.KvmAsyncPfCompleted
            or MachineEventKind.ReadyWithoutPage)) // which come in the middle of a delivery
        {
            Settle(vcpu, e.Kind == MachineEventKind.KvmInjVirq, e.Kind == MachineEventKind.KvmAsyncPfReady);
        }

        switch (e.Kind)
        {
            case MachineEventKind.KvmEntry:
                Enter(vcpu);
                break;
            case MachineEventKind.KvmPageFault:
                var error = UserAccess | (_machine.Vcpus[vcpu].FaultAccess == AccessKind.Write ? WriteAccess : 0);
                Leave(vcpu, $"npf rip 0x0 info1 0x{error:x} info2 0x{Address(e.Gfn):x}");
                Line(vcpu, name, $"vcpu {vcpu} rip 0x0 address 0x{Address(e.Gfn):x} error_code 0x{error:x}");
                break;
            case MachineEventKind.GuestHalt:
                Leave(vcpu, "hlt rip 0x0");
                break;
            case MachineEventKind.KvmMsrAck:
                Leave(vcpu, "msr rip 0x0");
                _lanes[vcpu].Acknowledges = true;
                break;
            case MachineEventKind.KvmTryAsyncGetPage or MachineEventKind.KvmAsyncPfRepeatedFault:
                Line(vcpu, name, $"gva = 0x{Address(e.Gfn):x}, gfn = 0x{Address(e.Gfn) >> PageShift:x}");
                break;
            case MachineEventKind.KvmAsyncPfNotPresent:
                Line(vcpu, name, $"token 0x{e.Value:x} gva 0x{Address(e.Gfn):x}");
                break;
            case MachineEventKind.KvmAsyncPfReady:
                Interrupt(vcpu);
                Line(vcpu, name, $"token 0x{e.Value:x} gva 0x{(e.Value == uint.MaxValue ? 0 : Address(e.Gfn)):x}");
                _lanes[vcpu].Delivers = true;
                break;
            case MachineEventKind.KvmAsyncPfCompleted:
                Line(-1, name, $"gva 0x{Address(e.Gfn):x} address 0x{Address(e.Gfn):x}");
                break;
            case MachineEventKind.KvmInjException:
                Interrupt(vcpu);
                Line(vcpu, name, $"#PF (0x0)");
                break;
            case MachineEventKind.KvmInjVirq:
                Interrupt(vcpu);
                Line(vcpu, name, $"IRQ 0x{Vector:x}");
                break;
            case MachineEventKind.VmmSettles when _machine.CurrentActor != vcpu:
                Line(-1, Marker, $"ring_notify vcpu={vcpu} gpa=0x{Address(e.Gfn):x}");
                break;
            case MachineEventKind.FetchIssued when _machine.Config.LookupWaits:
                Line(-1, Marker, $"uffd_msg gpa=0x{Address(e.Gfn):x}");
                break;
            case MachineEventKind.PagePlaced:
                Line(-1, Marker, $"uffd_copy gpa=0x{Address(e.Gfn):x} ret=0 errno=0 copied=4096");
                break;
            case MachineEventKind.PageDiscarded:
                Line(-1, Marker, $"madv_dontneed gpa=0x{Address(e.Gfn):x}");
                break;
            case MachineEventKind.KvmUserspaceExit or MachineEventKind.RunInterrupted:
                Interrupt(vcpu);
                Return(vcpu, e);
                break;
        }
    }

    private ulong Address(ulong frame) => _machine.GfnOf(frame).Value << PageShift;

    /// <summary>What the last event of a vCPU left to be told, before its next.</summary>
    private void Settle(int vcpu, bool isInjected, bool isReady = false)
    {
        ref var lane = ref _lanes[vcpu];
        if (lane.Delivers && (isInjected || _machine.Vcpus[vcpu].IrqPending))
        {
            Line(vcpu, "kvm_apic_accept_irq", $"apicid {vcpu} vec {Vector} (Fixed|edge)");
        }

        lane.Delivers = false;
        if (lane.Acknowledges && !isReady)
        {
            Line(vcpu, "kvm_msr", $"msr_write 4b564d07 = 0x1");
            lane.Acknowledges = false;
        }
    }

    private void WriteMsr(int vcpu, string index, ulong data)
    {
        Leave(vcpu, "msr rip 0x0");
        Line(vcpu, "kvm_msr", $"msr_write {index} = 0x{data:x}");
    }

    private void Enter(int vcpu)
    {
        Interrupt(vcpu);
        Line(vcpu, "kvm_entry", $"vcpu {vcpu}, rip 0x0");
        _lanes[vcpu].IsInGuest = true;
    }

    /// <summary>KVM does something for a vCPU in the guest, which a kick has taken out of it.</summary>
    private void Interrupt(int vcpu)
    {
        if (_lanes[vcpu].IsInGuest)
        {
            Leave(vcpu, "interrupt rip 0x0");
        }
    }

    private void Leave(int vcpu, string reason)
    {
        Line(vcpu, "kvm_exit", $"vcpu {vcpu} reason {reason}");
        _lanes[vcpu].IsInGuest = false;
    }

    private void Return(int vcpu, in MachineEvent e)
    {
        var exit = _machine.Vcpus[vcpu].Exit;
        Line(vcpu, "kvm_userspace_exit", $"reason {exit.Row().TracedAs ?? RunExit.Error.Row().TracedAs}");
        if (exit.Row().HasFaultInfo)
        {
            Line(vcpu, Marker,
                $"memfault vcpu={vcpu} flags=0x{e.Value:x} gpa=0x{Address(e.Gfn):x} size=0x1000");
        }
    }

    private void Line(int vcpu, string name, FormattableString text) => Line(vcpu, name, Invariant(text));

    private void Line(int vcpu, string name, string text, long afterNs = 0)
    {
        const long NsPerSecond = 1_000_000_000;
        var now = _machine.Clock.Now + afterNs;
        var task = vcpu < 0 ? Invariant($"vmm-{FirstThread - 1}") : Invariant($"vcpu{vcpu}-{FirstThread + vcpu}");
        var fraction = (now % NsPerSecond).ToString($"D{NsDigits}", System.Globalization.CultureInfo.InvariantCulture);
        to.Write(Invariant($"{task} [000] ..... {now / NsPerSecond}.{fraction}: {name}: {text}\n"));
    }

    /// <summary>Where a vCPU's thread is, and what its last event left to be told.</summary>
    private record struct Lane(bool IsInGuest, bool Delivers, bool Acknowledges);
}
