using System.Globalization;
using System.Text;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>Writes down what one step shows to each party, and what it makes true of faults.</summary>
internal sealed class ViewRecorder : IViewListener, IMachineObserver
{
    private readonly StringBuilder[] _seen = [new(), new(), new()];

    /// <summary>Of the run so far; set it before a step.</summary>
    public FaultRecord Record { get; set; }

    /// <summary>Where the book is; asked while a step runs.</summary>
    public Machine? Machine { get; set; }

    /// <summary>vCPU whose not-present the step committed KVM to, or -1.</summary>
    public int Injected { get; private set; }

    /// <summary>vCPUs that took a new fault, one bit each.</summary>
    public byte Faulted { get; private set; }

    /// <summary>The fault the step settled did not come out as the VMM had predicted.</summary>
    public bool IsUnpredicted { get; private set; }

    /// <summary>What the step showed; empty if nothing.</summary>
    public string Seen(Observer observer) => _seen[(int)observer].ToString();

    public void Clear()
    {
        foreach (var text in _seen)
        {
            text.Clear();
        }

        Injected = -1;
        Faulted = 0;
        IsUnpredicted = false;
    }

    public void Begun(bool inKvm, int actor, Operation operation, string arguments) =>
        Of(inKvm).Append(CultureInfo.InvariantCulture, $"{actor}:{operation} {arguments};");

    public void Given(bool inKvm, int actor, ulong value) =>
        Of(inKvm).Append(CultureInfo.InvariantCulture, $"{actor}={value:x};");

    public void On(in MachineEvent e)
    {
        if (Shown(e.Kind) is { } observer)
        {
            // its marks are ours, the guest sees none
            var value = e.Kind == MachineEventKind.GuestNotPresent ? 0 : e.Value;
            _seen[(int)observer].Append(CultureInfo.InvariantCulture, $"{e.Kind} {e.Vcpu} {e.Gfn} {value};");
        }

        switch (e.Kind)
        {
            case MachineEventKind.KvmPageFault:
                Record = Record.WithFault(e.Vcpu, Machine!.Vmm.IsOnItsWay(e.Gfn));
                Faulted |= (byte)(1 << e.Vcpu);
                break;
            case MachineEventKind.VmmSettles:
                Record = Record.WithOutcome(e.Vcpu, (FaultOutcome)e.Value);
                IsUnpredicted |= !WasPredicted(e.Vcpu, e.Gfn, (FaultOutcome)e.Value);
                break;
            case MachineEventKind.VmmPredicts:
                Record = Record.WithPrediction(e.Gfn, (Abstractions.Prediction)e.Value);
                break;
            case MachineEventKind.KvmAsyncPfNotPresent:
                Injected = e.Vcpu;
                Record = Record.WithInjection(e.Vcpu, e.Gfn);
                break;
            default:
                break;
        }
    }

    /// <summary>By the prediction on which KVM acted, or the latest if it has not.</summary>
    private bool WasPredicted(int vcpu, ulong gfn, FaultOutcome outcome) =>
        (Record.WasInjected(vcpu) ? Record.PredictionAtInjection(vcpu) : Record.Prediction(gfn)) switch
        {
            Abstractions.Prediction.Async => outcome == FaultOutcome.HandedOff,
            Abstractions.Prediction.Intercept => outcome == FaultOutcome.OtherPurpose,
            Abstractions.Prediction.Sync or Abstractions.Prediction.SoonThere => outcome == FaultOutcome.AtOnce,
            _ => true,
        };

    private StringBuilder Of(bool inKvm) => _seen[(int)(inKvm ? Observer.Kvm : Observer.Vmm)];

    /// <summary>Whom the machine itself tells of an event. To KVM it tells nothing here: KVM's view is what its half is
    /// given.</summary>
    private static Observer? Shown(MachineEventKind kind) => kind switch
    {
        MachineEventKind.KvmUserspaceExit or MachineEventKind.RunInterrupted or MachineEventKind.RunRefused
            or MachineEventKind.FetchIssued
            or MachineEventKind.PagePlaced or MachineEventKind.VmmSettles or MachineEventKind.VmmPredicts
                or MachineEventKind.MemslotChanged or MachineEventKind.PageDiscarded => Observer.Vmm,
        MachineEventKind.GuestNotPresent or MachineEventKind.GuestWake or MachineEventKind.GuestEarlyWake
            or MachineEventKind.GuestAccessDone or MachineEventKind.TaskDone => Observer.Guest,
        _ => null,
    };
}
