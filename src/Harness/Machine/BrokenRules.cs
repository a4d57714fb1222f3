namespace UapiLab.Harness.Machines;

/// <summary>
/// Rules of docs/model.md that a machine does not keep. None is ever broken outside the tests: they break the rules one at
/// a time to see that a checker notices, or to see that on this machine nobody can. A flag is read by one line of the machine,
/// the one that keeps the rule.
/// </summary>
/// <remarks>Some of these are known to have no effect alone, because another rule covers for the one that is broken; each
/// says so. tests/Harness.Tests/Machine/BrokenRulesTests.cs has what a simulation sees of them.</remarks>
[Flags]
internal enum BrokenRules
{
    /// <summary>The machine as documented.</summary>
    None = 0,

    /// <summary>A1: KVM says that an APF can start whatever is pending and whether interrupts are on or off.</summary>
    A1CanDo = 1 << 0,

    /// <summary>A2: KVM says that a not-present can be delivered in kernel mode, without SEND_ALWAYS.</summary>
    A2CanDeliver = 1 << 1,

    /// <summary>A3: one APF more than the limit is queued.</summary>
    A3Limit = 1 << 2,

    /// <summary>A4: the counter does not advance, so that every APF of a vCPU has the same token.</summary>
    A4Token = 1 << 3,

    /// <summary>A5: a not-present that cannot be delivered leads to no APF halt. Alone it only costs time: the guest touches
    /// the frame again and halts by A6.</summary>
    A5Halt = 1 << 4,

    /// <summary>A6: a second fault on a pending frame does not halt the vCPU, which faults on and on.</summary>
    A6Halt = 1 << 5,

    /// <summary>A7: a completion does not ask for its delivery; the next one that KVM makes anyway (at an ACK) takes it along.</summary>
    A7Request = 1 << 6,

    /// <summary>A8: a done list that is not empty does not make a halted vCPU runnable. The kick of A7 covers for it only where
    /// the list was empty.</summary>
    A8Runnable = 1 << 7,

    /// <summary>A9: the next ready is delivered although the guest has not yet read the token of the last.</summary>
    A9OneAtATime = 1 << 8,

    /// <summary>A10: token and interrupt are delivered although no not-present was.</summary>
    A10OnlyIfInjected = 1 << 9,

    /// <summary>A10: a ready does not end the halt. Alone it has no effect, since A13 ended it to get the ready delivered.</summary>
    A10Unhalt = 1 << 10,

    /// <summary>A11: the fault that KVM takes itself before a ready looks like the guest's own, and may start an APF.</summary>
    A11Prefetch = 1 << 11,

    /// <summary>A12: enabling APF queues no wake-all item. Alone it changes a count and nothing else.</summary>
    A12WakeAll = 1 << 12,

    /// <summary>A13: an interrupt that the vCPU may take does not end its halt. Alone no simulation notices: the only interrupt
    /// of this machine comes with a ready, which ended the halt.</summary>
    A13Interrupt = 1 << 13,

    /// <summary>A14: clearing the queue disables APF and forgets nothing.</summary>
    A14Clear = 1 << 14,

    /// <summary>A15: a signal before the entry takes the pending #PF with it.</summary>
    A15KeepPending = 1 << 15,

    /// <summary>Entry order: an interrupt goes before an exception. A ready can then overtake the not-present it belongs to,
    /// which a guest that leaves dummies does not mind.</summary>
    EntryOrder = 1 << 16,

    /// <summary>Guest: an early wake leaves no dummy. Alone it has no effect: exceptions before interrupts, so a ready never
    /// overtakes its not-present. See <see cref="EntryOrder"/>.</summary>
    GuestDummy = 1 << 17,

    /// <summary>Guest: the handler of the ready interrupt does not zero the token word.</summary>
    GuestZeroesToken = 1 << 18,

    /// <summary>F1: the invalidate sequence is read at the pfn look-up, after the userfault check. Alone no simulation notices:
    /// the look-up sees what was discarded before it.</summary>
    F1Snapshot = 1 << 19,

    /// <summary>F4: a mapping is installed although an invalidation ended meanwhile.</summary>
    F4Recheck = 1 << 20,

    /// <summary>M2: a 2 MiB block is mapped although the userfault flag is on.</summary>
    M2SmallPages = 1 << 21,

    /// <summary>M5: turning the userfault flag on zaps nothing. Alone it has no effect while <see cref="M6Discard"/> holds and
    /// vCPUs are paused: what is discarded is unmapped by itself.</summary>
    M5Zap = 1 << 22,

    /// <summary>M6: content goes without an invalidation, as where a VMM overwrites a page later and in place. While vCPUs are
    /// paused for it, it has no effect alone: the zap of M5 follows.</summary>
    M6Discard = 1 << 23,

    /// <summary>K1: KVM makes no fault of its own asynchronous: every look-up sleeps.</summary>
    K1TryFirst = 1 << 24,

    /// <summary>K3: the worker faults a page in the way the guest did, for read after a read.</summary>
    K3ForWrite = 1 << 25,

    /// <summary>K5: the guest disables APF, and KVM does not wait for its workers.</summary>
    K5Flush = 1 << 26,

    /// <summary>R5: whoever restores the VM does not write MSR_KVM_ASYNC_PF_EN, and so nobody wakes the tasks that wait.</summary>
    R5WritesMsr = 1 << 27,

    /// <summary>V1: a frame's content goes before the frame is armed. A fetch that comes to an end between the two leaves it armed for good,
    /// if whoever reads faults out of a ring finds the content there and clears nothing.</summary>
    V1ArmFirst = 1 << 28,
}
