using System.Globalization;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Events of the machine with the names a kernel would trace, and with those of their arguments that mean something.</summary>
internal static class EventWords
{
    public static string Of(in MachineEvent e)
    {
        var (name, arguments) = e.Kind switch
        {
            MachineEventKind.KvmEntry => ("kvm_entry", None),
            MachineEventKind.KvmPageFault => ("kvm_page_fault", Gfn | Task),
            MachineEventKind.KvmTryAsyncGetPage => ("kvm_try_async_get_page", Gfn),
            MachineEventKind.KvmAsyncPfNotPresent => ("kvm_async_pf_not_present", Gfn | Token),
            MachineEventKind.KvmAsyncPfRepeatedFault => ("kvm_async_pf_repeated_fault", Gfn),
            MachineEventKind.KvmAsyncPfCompleted => ("kvm_async_pf_completed", Gfn | Token),
            MachineEventKind.KvmAsyncPfReady => ("kvm_async_pf_ready", Gfn | Token),
            MachineEventKind.KvmInjException => ("kvm_inj_exception", Gfn | Token),
            MachineEventKind.KvmInjVirq => ("kvm_inj_virq", Token),
            MachineEventKind.KvmUserspaceExit => ("kvm_userspace_exit", Gfn | Flags),
            MachineEventKind.KvmMsrAck => ("kvm_msr ASYNC_PF_ACK", None),
            MachineEventKind.ApfHalt => ("apf_halt", None),
            MachineEventKind.GuestHalt => ("guest_hlt", None),
            MachineEventKind.GuestSwitch => ("guest_switch", None),
            MachineEventKind.GuestNotPresent => ("guest_not_present", Gfn),
            MachineEventKind.GuestWake => ("guest_wake", Gfn | Task),
            MachineEventKind.GuestEarlyWake => ("guest_early_wake", Token),
            MachineEventKind.GuestAccessDone => ("guest_access_done", Gfn | Task),
            MachineEventKind.TaskDone => ("task_done", Task),
            MachineEventKind.FetchIssued => ("fetch_issued", Gfn),
            MachineEventKind.PagePlaced => ("page_placed", Gfn),
            MachineEventKind.PageMapped => ("page_mapped", Gfn),
            MachineEventKind.SpuriousTlbFault => ("spurious_tlb_fault", Gfn),
            MachineEventKind.MemslotChanged => (e.Value != 0 ? "memslot userfault on" : "memslot userfault off", None),
            MachineEventKind.RunRefused => ("run_refused", Gfn),
            MachineEventKind.ApfQueueFull => ("apf_queue_full", Gfn),
            MachineEventKind.InjectionRefused => ("injection_refused", None),
            MachineEventKind.RunInterrupted => ("run_interrupted", None),
            MachineEventKind.ApfWhileInFlight => ("apf_while_in_flight", Gfn),
            MachineEventKind.ApfDropped => (string.Create(CultureInfo.InvariantCulture, $"apf_dropped {e.Value}"), None),
            MachineEventKind.ReadyWithoutPage => ("ready_without_page", Gfn),
            MachineEventKind.VmmPredicts => ($"vmm_predicts {(Abstractions.Prediction)e.Value}", Gfn),
            MachineEventKind.VmmSettles => ($"vmm_settles {(FaultOutcome)e.Value}", Gfn),
            MachineEventKind.Violation => ($"VIOLATION: {(ViolationKind)e.Value}", Gfn),
            MachineEventKind.WriteSeen => ("write_seen", Gfn),
            MachineEventKind.WriteUnseen => ("WRITE UNSEEN", Gfn),
            MachineEventKind.SetUpRefused => (string.Create(CultureInfo.InvariantCulture, $"ioctl 0x{e.Gfn:x} refused with errno {e.Value}"), None),
            MachineEventKind.VmRestored => (string.Create(CultureInfo.InvariantCulture, $"vm_restored, {e.Value} APFs outstanding"), None),
            MachineEventKind.PropertyShown => (string.Create(CultureInfo.InvariantCulture, $"property {e.Value} shown"), None),
            _ => throw new ArgumentOutOfRangeException(nameof(e), e.Kind, "an event without words"),
        };

        return name
            + ((arguments & Gfn) != 0 && e.Gfn != Normalisation.NoFrame ? string.Create(CultureInfo.InvariantCulture, $" gfn {e.Gfn}") : "")
            + ((arguments & Token) != 0 ? e.Value == uint.MaxValue ? " token ~0" : string.Create(CultureInfo.InvariantCulture, $" token 0x{e.Value:x}") : "")
            + ((arguments & Flags) != 0 ? string.Create(CultureInfo.InvariantCulture, $" flags 0x{e.Value:x}") : "")
            + ((arguments & Task) != 0 ? string.Create(CultureInfo.InvariantCulture, $" task {e.Value}") : "");
    }

    private const int None = 0, Gfn = 1, Token = 2, Flags = 4, Task = 8;
}
