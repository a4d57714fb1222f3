using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>What the machine's own steps do, in words, and which rule of docs/model.md they follow.</summary>
internal static class StepWords
{
    public static (string Text, string? Rule) Of(VcpuStep step) => step switch
    {
        VcpuStep.GuestRun => ("guest runs", null),
        VcpuStep.GuestComputing => ("guest computes", null),
        VcpuStep.GuestNotPresent => ("guest handles the not-present #PF: flags := 0, sleep by token", null),
        VcpuStep.GuestReadyIrq => ("guest handles the page-ready interrupt: wake, token := 0, ACK", null),
        VcpuStep.FaultSnapshot => ("KVM: stage-2 fault, snapshot of the invalidate sequence", "F1"),
        VcpuStep.FaultCheck => ("KVM: userfault check", "F2"),
        VcpuStep.FaultLookup => ("KVM: pfn look-up", "F3"),
        VcpuStep.FaultMap => ("KVM: map, if nothing was invalidated since the snapshot", "F4"),
        VcpuStep.LookupSleep => ("KVM: the look-up sleeps until the page is placed", "F3"),
        VcpuStep.RunEntry => ("VMM calls KVM_RUN", null),
        VcpuStep.RunLoop => ("KVM: requests, events, entry", "A15"),
        VcpuStep.ReadyPop => ("KVM: takes the oldest completed APF", "A9"),
        VcpuStep.ReadyPrefetch => ("KVM: faults the frame in before the ready event", "A11"),
        VcpuStep.ReadyPresent => ("KVM: page-ready: token, interrupt, un-halt", "A10"),
        VcpuStep.ReadyDelivered => ("KVM: the APF is delivered", null),
        VcpuStep.BeforeHalt => ("KVM: about to halt the vCPU", null),
        VcpuStep.ApfHalted => ("KVM: the vCPU halts for its APF", "A13"),
        VcpuStep.GuestHalted => ("KVM: the guest executed HLT", "A13"),
        VcpuStep.RunReturn => ("KVM: KVM_RUN returns", null),
        VcpuStep.VmmExit => ("VMM: looks at the exit", null),
        VcpuStep.VmmBoundedWait => ("VMM: waits a bounded time", null),
        VcpuStep.VmmOnExit => ("VMM: handles the exit", null),
        VcpuStep.VmmFetchStarted => ("VMM: starts the fetch", null),
        VcpuStep.VmmResolve => ("VMM: resolves before KVM_RUN", null),
        VcpuStep.VmmLocalFetch => ("VMM: has the content at hand", null),
        VcpuStep.VmmWaitFetch => ("VMM: waits for the page", null),
        VcpuStep.VmmPlace => ("VMM: sees that the content is in the frame", null),
        VcpuStep.VmmPublish => ("VMM: publishes the page", null),
        VcpuStep.QueueClearing => ("KVM: the guest disables APF", "A14"),
        VcpuStep.QueueClear => ("KVM: drops the queue", "A14"),
        VcpuStep.QueueCleared => ("KVM: the queue is dropped", "A14"),
        VcpuStep.Paused => ("VMM: the vCPU thread goes on after the pause", null),
        VcpuStep.Done => ("every task of the vCPU has ended", null),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "a step without words"),
    };

    public static (string Text, string? Rule) Of(ServiceStep step, string actor) => step switch
    {
        ServiceStep.Take => ($"{actor}: looks for something to do", null),
        ServiceStep.Read => ("VMM: reads a message of the userfaultfd", "U2"),
        ServiceStep.Place => ("VMM: sees that the content is in the frame", null),
        ServiceStep.Publish => ("VMM: publishes the page", null),
        ServiceStep.Wait => ($"{actor}: begins", null),
        ServiceStep.FetchStarted => ("VMM: starts the fetch", null),
        ServiceStep.PauseAll => ("VMM: asks the vCPU threads to park", null),
        ServiceStep.SlotOff => ("memslot update: userfault flag off", "M2"),
        ServiceStep.Pick => ("VMM: picks a frame", null),
        ServiceStep.Discard => ("VMM: discards the frame's content", "M6"),
        ServiceStep.Arm => ("VMM: arms the frame", "V1"),
        ServiceStep.SlotOn => ("memslot update: userfault flag on, slot zapped", "M5"),
        ServiceStep.Eventfd => ("VMM: an eventfd is readable", null),
        ServiceStep.Hostile => ("hostile userspace: a store or an ioctl nobody asked for", null),
        ServiceStep.Restore => ("VMM: the VM is restored in another process, with another KVM", "R2"),
        ServiceStep.Work => ("KVM: work item", null),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "a step without words"),
    };
}
