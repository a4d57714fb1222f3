using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>What the machine's own steps do, in words, and which rule of docs/model.md they follow.</summary>
internal static class StepWords
{
    public static (string Text, Rule? Rule) Of(VcpuStep step) => step switch
    {
        VcpuStep.GuestRun => ("guest runs", null),
        VcpuStep.GuestComputing => ("guest computes", null),
        VcpuStep.GuestNotPresent => ("guest handles the not-present #PF: flags := 0, sleep by token", null),
        VcpuStep.GuestReadyIrq => ("guest handles the page-ready interrupt: wake, token := 0, ACK", null),
        VcpuStep.FaultSnapshot => ("KVM: stage-2 fault, snapshot of the invalidate sequence", Rules.F1Snapshot),
        VcpuStep.FaultCheck => ("KVM: userfault check", Rules.F2Check),
        VcpuStep.FaultLookup => ("KVM: pfn look-up", Rules.F3Lookup),
        VcpuStep.FaultMap => ("KVM: map, if nothing was invalidated since the snapshot", Rules.F4Recheck),
        VcpuStep.FaultAsync => ("KVM: the look-up would sleep", Rules.K1TryFirst),
        VcpuStep.LookupSleep => ("KVM: the look-up sleeps until the page is placed", Rules.F3Lookup),
        VcpuStep.RunEntry => ("VMM calls KVM_RUN", null),
        VcpuStep.RunLoop => ("KVM: requests, events, entry", Rules.A15KeepPending),
        VcpuStep.ReadyPop => ("KVM: takes the oldest completed APF", Rules.A9OneAtATime),
        VcpuStep.ReadyPrefetch => ("KVM: faults the frame in before the ready event", Rules.A11Prefetch),
        VcpuStep.ReadyPresent => ("KVM: page-ready: token, interrupt, un-halt", Rules.A10OnlyIfInjected),
        VcpuStep.ReadyDelivered => ("KVM: the APF is delivered", null),
        VcpuStep.BeforeHalt => ("KVM: about to halt the vCPU", null),
        VcpuStep.ApfHalted => ("KVM: the vCPU halts for its APF", Rules.A13Interrupt),
        VcpuStep.GuestHalted => ("KVM: the guest executed HLT", Rules.A13Interrupt),
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
        VcpuStep.QueueClearing => ("KVM: begins to drop the queue", Rules.A14Clear),
        VcpuStep.QueueClear => ("KVM: drops the queue", Rules.A14Clear),
        VcpuStep.QueueCleared => ("KVM: the queue is dropped", Rules.A14Clear),
        VcpuStep.Paused => ("VMM: the vCPU thread goes on after the pause", null),
        VcpuStep.GuestBoot => ("guest boots on the vCPU and enables APF", Rules.A12WakeAll),
        VcpuStep.Prefault => ("VMM: KVM_PRE_FAULT_MEMORY for the page of the last exit", Rules.F10Prefault),
        VcpuStep.Done => ("every task of the vCPU has ended", null),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "a step without words"),
    };

    public static (string Text, Rule? Rule) Of(ServiceStep step, string actor) => step switch
    {
        ServiceStep.Take => ($"{actor}: looks for something to do", null),
        ServiceStep.Read => ("VMM: reads a message of the userfaultfd", Rules.U2Read),
        ServiceStep.Place => ("VMM: sees that the content is in the frame", null),
        ServiceStep.Publish => ("VMM: publishes the page", null),
        ServiceStep.Wait => ($"{actor}: begins", null),
        ServiceStep.FetchStarted => ("VMM: starts the fetch", null),
        ServiceStep.PauseAll => ("VMM: asks the vCPU threads to park", null),
        ServiceStep.SlotOff => ("memslot update: userfault flag off", Rules.M2SmallPages),
        ServiceStep.Pick => ("VMM: picks a frame", null),
        ServiceStep.Discard => ("VMM: discards the frame's content", Rules.M6Discard),
        ServiceStep.Arm => ("VMM: arms the frame", Rules.V1ArmFirst),
        ServiceStep.SlotOn => ("memslot update: userfault flag on, slot zapped", Rules.M5Zap),
        ServiceStep.Eventfd => ("VMM: an eventfd is readable", null),
        ServiceStep.Hostile => ("hostile userspace: a store or an ioctl nobody asked for", null),
        ServiceStep.Restore => ("VMM: the VM is restored in another process, with another KVM", Rules.R2KvmForgets),
        ServiceStep.Work => ("KVM: work item", null),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "a step without words"),
    };
}
