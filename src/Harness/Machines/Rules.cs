using System.Runtime.CompilerServices;
using static UapiLab.Harness.Machines.RuleSection;

namespace UapiLab.Harness.Machines;

/// <summary>
/// Every rule, once. From these rows come the tables of docs/model.md and docs/conform.md, the rule that a history or a
/// verdict of <c>conform</c> names, and the switches that let tests break one rule at a time
/// (<see cref="MachineConfig.Breaks"/>): the one line of the machine that keeps a rule asks whether it is to.
/// </summary>
internal static class Rules
{
    private static readonly List<Rule> s_all = [];

    public static readonly Rule A1CanDo = Row(Apf, "A1", "doc, seen (s2, s5b)",
        "an APF can start: no exception pending, interrupts on",
        "The interrupts of the interrupted context count; PV APF need not be enabled",
        new("KVM says that an APF can start whatever is pending and whether interrupts are on or off.")
        { Seen = ViolationKind.IllegalInjection });

    public static readonly Rule A2CanDeliver = Row(Apf, "A2", "doc, seen (s5a)",
        "a not-present can be delivered: APF on, CPL not 0 or SEND_ALWAYS",
        "APF is on with EN bits 0 and 3; paging has to be on too",
        new("KVM says that a not-present can be delivered in kernel mode, without SEND_ALWAYS.")
        { Seen = ViolationKind.IllegalInjection });

    public static readonly Rule A3Limit = Row(Apf, "A3", "doc, seen (s13)",
        "64 APFs a vCPU",
        "The number is the machine's parameter `limit`; the next fault is synchronous",
        new("One APF more than the limit is queued.") { Seen = ViolationKind.LimitExceeded });

    public static readonly Rule A4Token = Row(Apf, "A4", "doc, seen (s4, s10, s13, userfault)",
        "token = counter << 12, with the vCPU id in the low bits",
        "The counter is per vCPU and never 0; the id is drawn before the queue-full test, so ids have gaps; the "
            + "userfault series draws it before the duplicate test too since its patch 93, stock KVM after",
        new("The counter does not advance, so that every APF of a vCPU has the same token.")
        { Seen = ViolationKind.UnmatchedReady });

    public static readonly Rule A5Halt = Row(Apf, "A5", "doc, seen (s2, u2, u8a)",
        "a not-present that cannot be delivered makes the vCPU halt",
        "One whose write to the flags word fails does too; otherwise that word := 1 and a #PF with error code 0 and "
            + "CR2 = token is queued",
        new("A not-present that cannot be delivered leads to no APF halt.")
        {
            Covered = "Alone it only costs time: the guest touches the frame again and halts by A6.",
            NoRecording = HaltLeavesNoEvent,
        });

    public static readonly Rule A6Halt = Row(Apf, "A6", "doc, seen (s10)",
        "a second fault on a pending page makes the vCPU halt",
        "The fault is of the same vCPU: no new APF, no second #PF, and the whole vCPU halts",
        new("A second fault on a pending frame does not halt the vCPU, which faults on and on.")
        { Seen = ViolationKind.Livelock, NoRecording = HaltLeavesNoEvent });

    public static readonly Rule A7Request = Row(Apf, "A7", "doc, seen (every APF)",
        "a completion asks for its delivery",
        "It appends to the done list; if that was empty, delivery is requested, with a kick unless an ACK is due",
        new("A completion does not ask for its delivery; the next one that KVM makes anyway (at an ACK) takes it "
            + "along.")
        { Seen = ViolationKind.LostWakeup });

    public static readonly Rule A8Runnable = Row(Apf, "A8", "doc, seen (s2, s10, s11)",
        "a done APF makes a halted vCPU runnable",
        "Its completion wakes the vCPU, which goes on while the done list is not empty",
        new("A done list that is not empty does not make a halted vCPU runnable. The kick of A7 covers for it only "
            + "where the list was empty.")
        { Seen = ViolationKind.LostWakeup });

    public static readonly Rule A9OneAtATime = Row(Apf, "A9", "doc, seen (s1, s13)",
        "one ready at a time",
        "The done list is dequeued without PV APF always, with it only while the shared token word reads 0",
        new("The next ready is delivered although the guest has not yet read the token of the last.")
        { Seen = ViolationKind.LostWakeup });

    public static readonly Rule A10OnlyIfInjected = Row(Apf, "A10", "doc, seen (s2, s5a)",
        "token and interrupt only if the not-present was injected",
        "Or if the item is the wake-all (A12). APF has to be on still, and the write of the token word has to succeed; "
            + "a ready whose write fails is lost",
        new("Token and interrupt are delivered although no not-present was.") { Seen = ViolationKind.UnmatchedReady });

    public static readonly Rule A10Unhalt = Row(Apf, "A10 un-halt", "doc",
        "a ready ends the halt",
        "It does whether or not its not-present was injected",
        new("A ready does not end the halt.")
        {
            Covered = "Alone it has no effect, since A13 ended the halt to get the ready delivered.",
            NoRecording = "A8 has ended the halt to get the ready delivered",
        });

    public static readonly Rule A11Prefetch = Row(Apf, "A11", "doc (`kvm_arch_async_page_ready`), seen (userfault)",
        "the ready-time prefetch meets the userfault check and starts no APF",
        "Before a ready event KVM faults the page in itself, for the guest's access (since 6.10; as a read before). A "
            + "page that is missing again over userfaultfd or swap puts the vCPU's thread to sleep there "
            + "(__kvm_faultin_pfn), before that ready and every later one; here nothing is mapped, and the ready "
            + "goes out",
        new("The fault that KVM takes itself before a ready looks like the guest's own, and may start an APF.")
        { Seen = ViolationKind.LostWakeup, NoRecording = "what the prefetch maps is not traced strictly" },
        kernels: KernelRange.WithSeries);

    public static readonly Rule A12WakeAll = Row(Apf, "A12", "doc, seen (every trace)",
        "enabling queues a wake-all",
        "None if the done list is not empty. The first ready carries token ~0, so n faults give n + 1 ready "
            + "interrupts. The RFC of 2024 queues another on its own list",
        new("Enabling APF queues no wake-all item.") { Covered = "Alone it changes a count and nothing else." });

    public static readonly Rule A13Interrupt = Row(Apf, "A13", "doc, seen (s9a)",
        "an interrupt ends a halt",
        "The vCPU must be able to take it; a done APF ends a halt too; a kick only makes it look; a signal to its "
            + "thread makes KVM_RUN return, "
            + "and it halts on when called again",
        new("An interrupt that the vCPU may take does not end its halt.")
        {
            Covered = "The only interrupt of this machine comes with a ready, which ended the halt.",
            NoRecording = "no recording has another interrupt during an APF halt",
        });

    public static readonly Rule A14Clear = Row(Apf, "A14", "doc, seen (s20, userfault)",
        "disabling forgets what is outstanding",
        "The queue is cleared without waiting for userspace, as in the userfault series",
        new("Clearing the queue disables APF and forgets nothing.")
        {
            NotSimulated = "No workload disables APF; HandMadeScheduleTests does.",
            NoRecording = NoDisableWhileOutstanding,
        },
        kernels: KernelRange.WithSeries);

    public static readonly Rule A15KeepPending = Row(Apf, "A15", "doc",
        "a signal before the entry leaves the pending event pending",
        "Signals are looked at last before the entry into the guest; KVM_RUN then returns -EINTR",
        new("A signal before the entry takes the pending #PF with it.")
        {
            NotSimulated = "No workload sends signals; HandMadeScheduleTests does.",
            NoRecording = "no recording here has a signal between a fault and its entry (s9 did)",
        });

    public static readonly Rule A16KeepsQueue = Row(Apf, "A16", "doc (ab4e41eb9fab, 2025)",
        "a change of CR0.PG leaves the queue alone",
        "Before that commit KVM cleared it, so that after an SMI tasks of the guest waited for ever. Enabling paging "
            + "asks for the delivery of what is done, which an SMI of one step, as here, cannot leave over",
        new("A change of CR0.PG clears the queue.")
        {
            NotSimulated = "No workload has SMIs; PagingTests does.",
            NoRecording = "no recording here has an SMI",
        },
        kernels: KernelRange.From(new(6, 19), new(6, 18, 3), new(6, 12, 64)));

    public static readonly Rule A17KeepsApf = Row(Apf, "A17",
        "doc (x86.c: kvm_vcpu_ioctl_x86_set_vcpu_events, __set_regs)",
        "userspace that drops a pending not-present leaves its APF outstanding",
        "KVM_SET_VCPU_EVENTS without an exception, or with another, drops it, and so does KVM_SET_REGS. The guest "
            + "faults again and its vCPU halts (A6); the ready comes with its token (A10), for which no task sleeps "
            + "(G1). Here nothing takes its place",
        new("With the #PF its APF leaves the queue, while its gfn stays in the hash.")
        {
            NotSimulated = "No workload drops events; VcpuIoctlTests does.",
            NoRecording = "no recording here sets the events of a vCPU",
        });

    public static readonly Rule A18WarnsIfPrivate = Row(Apf, "A18", "doc (mmu.c: kvm_arch_async_page_ready; the series "
        + "of 2026, 0091: __kvm_mmu_faultin_pfn; RFC of 2024, 5/6: kvm_arch_async_page_ready_user)",
        "the ready of a private fault is a WARN_ON_ONCE, and nothing is prefaulted",
        "No APF that KVM starts itself is for a private fault (F8). The series of 2026 keeps the error code of "
            + "whatever fault is a userfault, and so comes to the warning; the RFC does too, and has a ready path of "
            + "its own without it",
        kernels: KernelRange.WithSeries);

    public static readonly Rule EntryOrder = Row(Apf, "entry order", "doc, seen (u2)",
        "exceptions before interrupts, one event an entry",
        "The APF halt request and then the ready request go before either; a ready interrupt that finds IF = 0 stays "
            + "pending",
        new("An interrupt goes before an exception.")
        {
            Covered = "A ready can then overtake the not-present it belongs to, which a guest that leaves dummies does "
            + "not mind."
        });

    public static readonly Rule P1KvmAccess = Row(Area, "P1", "seen (string I/O and pvclock over a bitmap); doc "
        + "(`uffd`; virt/kvm/guest_memfd.c: kvm_gmem_fault_user_mapping; kvm_main.c: copy_to_user at userspace_addr)",
        "KVM's own access asks no encoding and makes no exit",
        "It goes through the slot's userspace_addr. A missing page reads as zeros and is written to (`anon`, `shmem`, "
            + "`gmem-mmap`), or puts the thread to sleep until it is placed (`uffd`). Over a guest_memfd that is "
            + "mapped nowhere (`gmem`) it fails, also where the guest has its page: a ready stays on the done list, "
            + "and a not-present becomes an APF halt (A5)");

    public static readonly Rule P2GuestAccess = Row(Area, "P2", "doc",
        "the guest's handlers read the words with interrupts off, and fault on the page like on any other",
        "No APF can start then (A1), so the fault is synchronous; the handler starts again");

    public static readonly Rule P3SourceWins = Row(Area, "P3", "follows from P1",
        "the content that is placed is the source's, over whatever KVM wrote there meanwhile");

    public static readonly Rule P4KvmFills = Row(Area, "P4", "seen (string I/O and pvclock over a bitmap); doc "
        + "(x86.c: kvm_setup_guest_pvclock, record_steal_time; mm/userfaultfd.c: mfill_atomic_install_pte)",
        "KVM writes guest memory of its own accord: pvclock, steal time, PV EOI, string I/O",
        "Before an entry, on the vCPU's thread, whatever the bitmap says, and as P1 has it for the memory underneath. "
            + "A page that is filled so is not the source's, and its bit is still set. Over shmem that is registered "
            + "for minor faults alone, the VMM's UFFDIO_COPY or UFFDIO_CONTINUE for it fails with EEXIST (over a "
            + "guest_memfd once it can be registered, which it cannot here). Registered for missing faults, the "
            + "access sleeps (`uffd`); not registered, a VMM that copies through a mapping of its own sees nothing of "
            + "it (V4)");

    public static readonly Rule P5Beside = Row(Area, "P5", "doc (kvm_main.c: copy_to_user at userspace_addr; mmu.c: "
        + "kvm_mmu_faultin_pfn_private)",
        "KVM's own access to a private gfn goes to userspace_addr all the same",
        "Where other memory lies there (the instance `area-beside`), it succeeds, and the guest does not see it: it "
            + "takes a not-present for a #PF of its own, and zeroes a token word that KVM does not look at");

    public static readonly Rule R1SourceEnds = Row(Restore, "R1", "follows",
        "threads, fetches, waiters, eventfds and KVM's work items end with the source, in the middle of whatever they "
            + "did");

    public static readonly Rule R2KvmForgets = Row(Restore, "R2", "doc (no ioctl reads them)",
        "nothing that only KVM knows comes along: APF queue, done list, halt, requests, counter of tokens, mappings",
        "No page is there; each is armed as at the start, with the same predictions open");

    public static readonly Rule R3Words = Row(Restore, "R3", "doc",
        "KVM's words of an encoding start afresh, as its description says how they come back (`RegionSpec.Restore`)",
        "Shared words and the VMM's are new too, or carried over (`restore-words`)");

    public static readonly Rule R4GuestState = Row(Restore, "R4", "seen (KVM_GET_VCPU_EVENTS shows the #PF); doc",
        "registers, HLT, a pending exception with its token in CR2, and the LAPIC with a pending interrupt come along",
        "So does the guest's memory, the flags and token words in it");

    public static readonly Rule R5WritesMsr = Row(Restore, "R5", "doc",
        "the MSR is written by the host, which queues a wake-all like the guest's own write (A12)",
        "While the token word is not 0 the wake-all waits for the ACK (A9)",
        new("The VMM that restores the VM does not write MSR_KVM_ASYNC_PF_EN, so that nothing wakes the tasks that "
            + "wait.")
        {
            NotSimulated = "No workload restores the VM; RestoreTests does.",
            NoRecording = "no recording here restores "
            + "a VM"
        });

    public static readonly Rule R6NoVector = Row(Restore, "R6", "doc (x86.c: kvm_pv_enable_async_pf_int, "
        + "kvm_arch_async_page_present; lapic.c: apic_has_interrupt_for_ppr)",
        "without MSR_KVM_ASYNC_PF_INT the page-ready interrupt has vector 0, and no vCPU takes it",
        "The token is written and the LAPIC's IRR has the bit. But an interrupt is taken only if its priority class is "
            + "above that of the PPR, and class 0 is above none. The guest never acknowledges, so no other ready "
            + "follows (A9). Firecracker's list of MSRs lacked it until its pull request 5738 of 2026");

    public static readonly Rule R7RefusesMsr = Row(Restore, "R7", "doc (x86.c: kvm_pv_enable_async_pf, guest_pv_has, "
        + "__msr_io)",
        "MSR_KVM_ASYNC_PF_EN is refused where there is no LAPIC in KVM yet, or not yet the CPUID that has the feature",
        "CPUID is asked for under KVM_CAP_ENFORCE_PV_FEATURE_CPUID alone. KVM_SET_MSRS stops there and returns how "
            + "many it has set. The order of EN and INT among themselves does not matter: the wake-all waits for "
            + "KVM_RUN, or for an ACK of 1");

    public static readonly Rule Z1ClearsQueue = Row(RuleSection.Reset, "Z1", "doc (x86.c: kvm_vcpu_reset)",
        "a reset disables APF and clears the queue",
        "Queue and done list are forgotten as in A14, the MSR reads 0, and no task is woken: those that waited are "
            + "gone with the guest that ran on the vCPU",
        new("The reset disables APF and leaves queue and done list as they are.")
        { NotSimulated = NoResetWorkload, NoRecording = NoResetRecorded });

    public static readonly Rule Z2ResetsHash = Row(RuleSection.Reset, "Z2",
        "doc (x86.c: kvm_vcpu_reset, kvm_async_pf_hash_reset)",
        "and with it the hash of gfns",
        "The hash is what a fault is looked up in (A6); to clear the queue does not clear it",
        new("The reset clears the queue and leaves the gfns of its APFs in the hash.")
        { NotSimulated = NoResetWorkload, NoRecording = NoResetRecorded });

    public static readonly Rule Z3WhereTaken = Row(RuleSection.Reset, "Z3",
        "doc (lapic.c: kvm_apic_accept_events; x86.c: vcpu_enter_guest, vcpu_block, kvm_arch_vcpu_ioctl_get_mpstate)",
        "an INIT is taken before the entry into the guest, in a halt, or in KVM_GET_MP_STATE between two KVM_RUNs",
        "Before the entry it comes after the APF halt request and the ready request; a pending exception, the LAPIC's "
            + "interrupts, HLT and the APF halt end with it, and interrupts are off");

    public static readonly Rule Z4KeepsRequests = Row(RuleSection.Reset, "Z4", "doc (x86.c: kvm_vcpu_reset)",
        "requests survive a reset, and so do pageready_pending and the counter of tokens",
        "A KVM_REQ_APF_HALT that is pending while the vCPU is outside of KVM_RUN makes the new life halt for nothing: "
            + "interrupts are off, and nothing that its guest does ends it: another INIT, a SIPI, an SMI, an NMI may, "
            + "or another vCPU's KVM_HC_KICK_CPU",
        new("The reset takes a pending APF halt request along, as KVM's does not.")
        { NotSimulated = NoResetWorkload, NoRecording = NoResetRecorded });

    public static readonly Rule Z5KeepsHalt = Row(RuleSection.Reset, "Z5",
        "doc (x86.c: kvm_pv_enable_async_pf, __set_regs, kvm_arch_vcpu_ioctl_set_mpstate)",
        "a reset by userspace writes 0 to MSR_KVM_ASYNC_PF_EN, and leaves the APF halt as well as requests",
        "The write clears queue and hash (A14), KVM_SET_REGS drops the pending exception, KVM_SET_LAPIC the interrupt; "
            + "none of them ends the halt, which then lasts as in Z4",
        new("The APF halt ends when userspace disables APF, as in KVM it does not.")
        { NotSimulated = NoResetWorkload, NoRecording = NoResetRecorded });

    public static readonly Rule Z6Destruction = Row(RuleSection.Reset, "Z6",
        "doc (x86.c: kvm_arch_vcpu_destroy; async_pf.c: kvm_flush_and_free_async_pf_work; kvm_main.c: "
            + "kvm_vcpu_release)",
        "a vCPU is destroyed with its VM, when nothing of it runs any more",
        "Its fd holds a reference to the VM. The work that KVM queued holds none: the clear of the queue, and each "
            + "delivery, waits for it. What an encoding registers elsewhere (an eventfd, a work item) has to end "
            + "before as well, and takes no reference to the VM that a work item would drop last");

    public static readonly Rule K1TryFirst = Row(OwnApf, "K1", "doc, seen (s1)",
        "KVM looks up without waiting first, and what would sleep becomes an APF",
        "This is over userfaultfd or swap, and if A1 and A3 allow it. Whatever else makes that attempt fail in memory "
            + "that may be accessed so counts as sleeping too (hva_to_pfn): a SIGBUS, say, of which the worker reports "
            + "ready, so that the guest faults again. No lock is held from the look-up to the injection: the page may "
            + "be placed in between",
        new("KVM makes no fault of its own asynchronous: every look-up sleeps.")
        { NotSimulated = NoKernelApfWorkload });

    public static readonly Rule K2Sleeps = Row(OwnApf, "K2", "doc, seen (s5b, s13)",
        "what cannot become an APF sleeps in the vCPU's thread",
        "It sleeps until the page is placed",
        events: ["uffd_msg"]);

    public static readonly Rule K3ForWrite = Row(OwnApf, "K3", "doc, seen (s1)",
        "the worker faults for write",
        "It does whatever the guest did; it starts some time after the not-present",
        new("The worker faults a page in the way the guest did, for read after a read.")
        { NotSimulated = NoKernelApfWorkload });

    public static readonly Rule K4ReportsReady = Row(OwnApf, "K4", "doc, seen (s12)",
        "the worker reports ready when it is back, and does not look at what came of its fault",
        "A page dropped meanwhile faults afresh");

    public static readonly Rule K5Flush = Row(OwnApf, "K5", "doc (`cancel_work_sync`), seen (s20)",
        "disabling waits for the workers that have started",
        "Work that has not started is cancelled; what the others completed is not delivered. The userfault series "
            + "waits for these workers too, and not for its own APFs (A14)",
        new("The guest disables APF, and KVM does not wait for its workers.")
        { NotSimulated = NoKernelApfWorkload, NoRecording = NoDisableWhileOutstanding });

    public static readonly Rule K6SharesQueue = Row(OwnApf, "K6",
        "doc (async_pf.c: kvm_setup_async_pf; x86.c: kvm_find_async_pf_gfn)",
        "KVM's own APFs and an encoding's share one queue, its limit, the hash and the done list",
        "A page whose bit is clear may still be missing on the host, over userfaultfd: then the fault becomes KVM's "
            + "own APF. The separate queue of the RFC is not modelled",
        new("KVM's own APFs may be one more than the limit.")
        { NotSimulated = "No workload of the lab has KVM's own APF beside an encoding's; OwnApfTests does." },
        kernels: KernelRange.WithSeries);

    public static readonly Rule K7KnowsLocal = Row(OwnApf, "K7", "doc (mm/page_io.c: swap_read_folio; mm/zswap.c: "
        + "zswap_load; mm/filemap.c: __folio_lock_or_retry)",
        "over swap only what needs I/O would sleep: a page in zswap or the page cache is brought in on the spot",
        "The attempt without waiting decompresses it on the vCPU's thread, and starts the I/O of any other; the worker "
            + "waits for that. No thread of the VMM takes part. This is anonymous memory over a device that completes "
            + "later: what zram holds is brought in on the spot as well (SWP_SYNCHRONOUS_IO), and shmem sleeps in the "
            + "vCPU's thread (mm/shmem.c: shmem_swapin_folio takes the folio's lock whatever is asked)",
        new("KVM takes a page that could be had on the spot for one that needs I/O.")
        { NotSimulated = NoKernelApfWorkload, NoRecording = "no recording here is of swapped memory" });

    public static readonly Rule F1Snapshot = Row(Faults, "F1", "doc",
        "the invalidate sequence is read first",
        "Whatever the fault decides on is read after it",
        new("The invalidate sequence is read at the pfn look-up, after the userfault check.")
        {
            NotSimulated =
                "The page would have to be armed and discarded within the few steps between check and look-up; "
                + "RearmTests checks them all.",
            NoRecording = MappingsAreNotHeld,
        });

    public static readonly Rule F2Check = Row(Faults, "F2", "doc (Userfault v2, v3), seen (u1, u2)",
        "a marked page exits or becomes an APF, an unmarked one is mapped",
        "The userfault check (the encoding's `OnGuestFault`) comes after F1 and before the pfn look-up",
        events: ["memfault", "uf_resolve"],
        kernels: KernelRange.WithSeries);

    public static readonly Rule F3Lookup = Row(Faults, "F3", "doc (virt/kvm/guest_memfd.c: kvm_gmem_get_folio, "
        + "kvm_gmem_get_pfn)",
        "look-up on a frame without content, by backing: `anon`, `shmem`, `gmem` and `gmem-mmap` map a zeroed page, "
            + "`uffd` sleeps until it is placed",
        "After a zero page the guest reads what was never populated: a violation");

    public static readonly Rule F4Recheck = Row(Faults, "F4", "doc",
        "nothing is installed after an invalidation",
        "An invalidation that ended since F1 counts, which is looked at under mmu_lock; the guest faults again",
        new("A mapping is installed although an invalidation ended meanwhile.")
        { Seen = ViolationKind.ReadUnpopulated, NoRecording = MappingsAreNotHeld });

    public static readonly Rule F5Signal = Row(Faults, "F5", "seen (s9c)",
        "a signal ends a synchronous sleep",
        "KVM_RUN returns -EINTR, and the next attempt asks for the page again. Over swap it is seen once the I/O is "
            + "done, unless it kills; here it ends the sleep");

    public static readonly Rule F6Refused = Row(Faults, "F6", "seen (s6a to s6d)",
        "a look-up that the host mapping refuses is a plain -EFAULT",
        "PROT_NONE, no VMA, a write where the VMA is read-only: exit_reason is KVM_EXIT_UNKNOWN, no gpa is given, and "
            + "no APF starts. K1 has what fails in another way");

    public static readonly Rule F7RunIsMemory = Row(Faults, "F7", "doc (x86.c: vcpu_run; kvm_host.h: "
        + "kvm_prepare_memory_fault_exit), seen (s6, userfault)",
        "kvm_run is memory: what an exit does not write is left from an earlier one",
        "exit_reason becomes KVM_EXIT_UNKNOWN when the vCPU begins to run; memory_fault stays as it was. The fault at "
            + "ready time (A11) writes both where the bit is set, although no exit follows");

    public static readonly Rule F8Private = Row(Faults, "F8", "doc (mmu.c: kvm_mmu_page_fault, kvm_mmu_faultin_pfn, "
        + "kvm_mmu_faultin_pfn_private)",
        "a fault is private or shared as the gfn's attribute says, and a private one starts no APF of KVM's own",
        "It is looked up in the guest_memfd, where userfaultfd catches nothing; since 6.18 so is a shared one of a "
            + "slot that the file backs alone (kvm_memslot_is_gmem_only). If the attribute has changed when the "
            + "snapshot is taken (F1), KVM_RUN exits with KVM_EXIT_MEMORY_FAULT before the userfault check; the VMM "
            + "calls it again. The VM is software-protected: elsewhere the access says what it is");

    public static readonly Rule F9Converts = Row(Faults, "F9", "doc (kvm_main.c: kvm_vm_set_mem_attributes)",
        "a conversion invalidates",
        "KVM_SET_MEMORY_ATTRIBUTES unmaps the page and moves the sequence of F4. What becomes of content and bit is up "
            + "to the VMM; here both stay as they are",
        new("A conversion leaves mappings and faults in progress as they are.")
        {
            NotSimulated = "No workload converts pages; PrivateFaultTests does.",
            NoRecording = "no recording here has a private page",
        });

    public static readonly Rule M2SmallPages = Row(Faults, "M2", "doc (mmu.c: host_pfn_mapping_level, "
        + "kvm_gmem_max_mapping_level), seen (u12)",
        "small pages while userfault is on",
        "Mappings are of 4 KiB then. While the flag is off they are as large as the host's pages: 2 MiB over `anon` "
            + "and `shmem`, which are taken to have transparent huge pages, 4 KiB over guest_memfd, and over "
            + "userfaultfd and swap, which place pages one by one",
        new("A 2 MiB block is mapped although the userfault flag is on.")
        { Seen = ViolationKind.ReadUnpopulated, NoRecording = MappingsAreNotHeld },
        kernels: KernelRange.WithSeries);

    public static readonly Rule M3NotCached = Row(Faults, "M3", "doc, the thread",
        "not-present translations are never cached",
        "A stale read-only TLB entry makes a write fault spuriously, or walk again (`tlb=fault|rewalk`)");

    public static readonly Rule M5Zap = Row(Faults, "M5", "doc, seen (u12)",
        "turning the flag on zaps",
        "The whole slot is zapped and flushed; a bit set for a mapped frame means nothing until then",
        new("Turning the userfault flag on zaps nothing.")
        {
            Covered = "Alone it has no effect while M6 holds: what is discarded is unmapped by itself.",
        },
        kernels: KernelRange.WithSeries);

    public static readonly Rule F10Prefault = Row(Faults, "F10",
        "doc (mmu.c: kvm_arch_vcpu_pre_fault_memory, kvm_tdp_map_page; kvm_main.c: kvm_vcpu_pre_fault_memory), "
            + "seen (userfault)",
        "KVM_PRE_FAULT_MEMORY maps a page between two KVM_RUNs, as a read that starts no APF",
        "It meets the userfault check: for a marked page it returns -EFAULT, or 0 if it has mapped others before, "
            + "and it leaves the fault information in kvm_run. It takes the vCPU's mutex, and faults again after an "
            + "invalidation (F4)",
        new("The fault of the ioctl looks like the guest's own, and may start an APF.")
        {
            NotSimulated = "No workload uses the ioctl; VcpuIoctlTests does.",
            NoRecording = "no recording here uses the ioctl",
        });

    public static readonly Rule M6Discard = Row(Faults, "M6",
        "doc (MADV_DONTNEED; MADV_REMOVE; PUNCH_HOLE: kvm_gmem_punch_hole), seen (u12 pass 4)",
        "discarding invalidates",
        "MADV_DONTNEED discards anonymous memory; shmem keeps its page, and takes MADV_REMOVE. The frame is unmapped, "
            + "the TLBs flushed; the sequence of F4 moves even if nothing was mapped",
        new("Content goes without an invalidation, as where a VMM overwrites a page later and in place. Where a "
            + "memslot "
            + "update follows, it has no effect alone: M5 zaps.")
        { Seen = ViolationKind.ReadUnpopulated });

    public static readonly Rule M7KeepsQueue = Row(Faults, "M7",
        "doc (kvm_main.c: kvm_set_memslot; x86.c: kvm_arch_flush_shadow_memslot)",
        "a memslot update leaves the APF queues alone, also one that deletes or moves the slot",
        "Queue and hash keep their gfns. At ready time a gfn without a slot maps no memory, and the ready is delivered",
        new("The APFs of a slot that is updated are dropped, and no task is woken.")
        { Seen = ViolationKind.LostWakeup, NoRecording = "no recording here updates a slot with APFs outstanding" });

    public static readonly Rule M8Unchanged = Row(Faults, "M8", "doc (kvm_main.c: kvm_set_memory_region), seen (u12)",
        "KVM_SET_USER_MEMORY_REGION2 with the flags that the slot has changes nothing",
        "It returns 0, and a new pointer in userfault_bitmap is ignored: KVM goes on with the bitmap that it was given "
            + "at the last update that changed a flag, KVM_MEM_LOG_DIRTY_PAGES too, with KVM_MEM_USERFAULT on",
        kernels: KernelRange.WithSeries);

    public static readonly Rule U1Joins = Row(Uffd, "U1", "doc (`fs/userfaultfd.c`)",
        "a thread that finds a page missing joins fault_pending_wqh under its lock, wakes a reader, and sleeps",
        "The wake-up, over fd_wqh, comes after that lock and mmap_lock are dropped; it is not an exit, and no policy "
            + "of the VMM applies");

    public static readonly Rule U2Read = Row(Uffd, "U2", "doc (userfaultfd_ctx_read)",
        "read() moves the waiter from fault_pending_wqh to fault_wqh, under the locks of all three queues",
        "A reader that has the content places it itself");

    public static readonly Rule U3Copy = Row(Uffd, "U3", "doc (`mm/userfaultfd.c`)",
        "UFFDIO_COPY or UFFDIO_CONTINUE enters the page into the page table under that one's lock, then wakes sleepers",
        "It holds the lock of the VMA for reading meanwhile (uffd_mfill_lock; mmap_lock before 6.9, as in the "
            + "published tables of 2023); the wake-up looks at every sleeper of fault_wqh for those of the page");

    public static readonly Rule U4Lookup = Row(Uffd, "U4", "doc",
        "a look-up that finds the page in the page table finds its content");

    public static readonly Rule V1ArmFirst = Row(RuleSection.Vmm, "V1", "ours (found by the conformance kit on a ring)",
        "a frame is armed before its content goes",
        "A guest that touches it between the two would map a page without content; and a fetch that ends there would "
            + "place the page, say so, and then be overruled by the arming, which leaves the page armed for good",
        new("A page's content goes before the page is armed.")
        {
            Seen = ViolationKind.ReadUnpopulated,
            NoRecording = VmmIsNotTraced,
        });

    public static readonly Rule V2Exclusion = Row(RuleSection.Vmm, "V2", "ours",
        "a page is not armed again while an exit handler says that it is there, or before its READYs are sent",
        "A handler that found the page there and clears its bit would undo the arming, and the guest would read what "
            + "was discarded; a lock for each page keeps the two apart. A READY for a page that is armed again wakes "
            + "the guest for nothing. Not every VMM keeps to the latter: on `re-arm-early` a page that the guest uses "
            + "is armed again before its READYs, and an encoding that answers a READY by what the page's word says "
            + "then leaves a task asleep",
        new("A page is armed again while an exit handler is about to say that it is there.")
        {
            Seen = ViolationKind.ReadUnpopulated,
            NoRecording = VmmIsNotTraced,
        });

    public static readonly Rule V3PublishesFound = Row(RuleSection.Vmm, "V3",
        "ours; Firecracker's test handler meets the like, a short pwrite() to a guest_memfd, and keeps what KVM wrote "
            + "(uffd_utils.rs)",
        "a page that the copy finds there (EEXIST, P4) is published like one that was placed",
        "The copy failed, and yet the bit is cleared and every waiter answered. Else the vCPU exits for ever, or its "
            + "task sleeps for ever",
        new("The VMM takes EEXIST for a failure and lets the page be.")
        { NotSimulated = NoKvmWrites, NoRecording = VmmIsNotTraced });

    public static readonly Rule V4WritesOver = Row(RuleSection.Vmm, "V4", "ours",
        "before it is published, the content is written over what KVM put there",
        "Through the VMM's own mapping, as P3 has it. KVM's words are the source's then, until KVM writes them anew",
        new("The VMM publishes the page as KVM left it: zeros, and KVM's own words.")
        { NotSimulated = NoKvmWrites, NoRecording = VmmIsNotTraced });

    public static readonly Rule V5ReadsReason = Row(RuleSection.Vmm, "V5", "doc (api.rst: KVM_EXIT_MEMORY_FAULT)",
        "memory_fault is believed only if errno is EFAULT or EHWPOISON and exit_reason is KVM_EXIT_MEMORY_FAULT",
        "Any other -EFAULT comes again at the next KVM_RUN (F6): the VMM stops. Where a ready has written kvm_run "
            + "(F7), it handles that page once in vain",
        new("The VMM takes every -EFAULT for the memory fault that kvm_run speaks of.")
        {
            NotSimulated = "No workload has pages that the host refuses; KvmRunTests does.",
            NoRecording = VmmIsNotTraced,
        });

    public static readonly Rule GuestDummy = Row(RuleSection.Guest, "G1", "doc",
        "an early wake leaves a dummy",
        "The task that comes for it then does not sleep",
        new("An early wake leaves no dummy.")
        {
            Covered = "Alone it has no effect: exceptions go before interrupts (entry order), so a ready never "
                + "overtakes its not-present.",
            NoRecording = GuestOfATrace,
        });

    public static readonly Rule GuestZeroesToken = Row(RuleSection.Guest, "G2", "doc",
        "the handler of the ready interrupt zeroes the token word",
        "It does EOI, reads the token, wakes, writes 0, writes the ACK; the ACK write drains the next done item",
        new("The handler of the ready interrupt does not zero the token word.")
        { Seen = ViolationKind.LostWakeup, NoRecording = GuestOfATrace });

    public static readonly Rule T1Alternate = Row(Trace, "T1", "doc",
        "entries and exits alternate, and KVM's events lie outside the guest", events: ["kvm_entry", "kvm_exit"]);

    public static readonly Rule T2OneFault = Row(Trace, "T2", "doc",
        "a page-fault exit is handled once, for the address of the exit", events: ["kvm_page_fault"]);

    public static readonly Rule T3OneMsr = Row(Trace, "T3", "doc",
        "an MSR exit is one MSR access", events: ["kvm_msr"]);

    public static readonly Rule T4OneReturn = Row(Trace, "T4", "doc",
        "KVM_RUN returns once for one stay in the guest, but for signals", events: ["kvm_userspace_exit"]);

    public static readonly Rule T5Wakeup = Row(Trace, "T5", "seen (s1, s2)",
        "kvm_vcpu_wakeup is for HLT alone", events: ["kvm_vcpu_wakeup"]);

    public static readonly Rule I1ExitInfo = Row(Trace, "I1", "seen",
        "an exit names no #PF that was not injected", events: ["kvm_exit"]);

    public static readonly Rule I2EntryInfo = Row(Trace, "I2", "doc, seen (7.3 s4)",
        "an entry carries what was injected and nothing else", events: ["kvm_entry"]);

    public static readonly Rule I3Again = Row(Trace, "I3", "doc, seen (s21)",
        "a second injection follows a cancelled one and says so", events: ["kvm_inj_exception", "kvm_inj_virq"]);

    public static readonly Rule L1ReadyVector = Row(Trace, "L1", "doc",
        "the ready vector is accepted for a ready only", events: ["kvm_apic_accept_irq"]);

    public static readonly Rule L2NoSecond = Row(Trace, "L2", "doc",
        "no second interrupt before the EOI", events: ["kvm_inj_virq"]);

    public static readonly Rule L3Eoi = Row(Trace, "L3", "doc",
        "an EOI ends an interrupt in service", events: ["kvm_eoi"]);

    public static readonly Rule H1Accept = Row(Trace, "H1", "seen (u3)",
        "ACCEPT finds an APF that is outstanding", events: ["apf_accept"],
        kernels: KernelRange.WithSeries);

    private const string HaltLeavesNoEvent = "an APF halt leaves no event, and how long a vCPU takes to enter is not "
        + "compared";
    private const string NoDisableWhileOutstanding = "no recording here disables APF with faults outstanding (s20 did)";
    private const string MappingsAreNotHeld = "which fault installs a mapping is not held to the trace";
    private const string NoKvmWrites = "No workload has KVM write to guest memory; KvmWriterTests does.";
    private const string VmmIsNotTraced = "what the VMM does in between is not traced";
    private const string GuestOfATrace = "the guest of a trace is whatever it was";
    private const string NoResetWorkload = "No workload resets a vCPU; ResetTests does.";
    private const string NoResetRecorded = "no recording here resets a vCPU";
    private const string NoKernelApfWorkload = "No workload of the lab has KVM's own APF; RuleCoverageTests and "
        + "KernelApfTests do.";

    /// <summary>In the order of the documents.</summary>
    public static IReadOnlyList<Rule> All => s_all;

    /// <summary>Those that a switch breaks.</summary>
    public static IEnumerable<Rule> Breakable => s_all.Where(rule => rule.Without is not null);

    private static Rule Row(
        RuleSection section, string id, string source, string what, string detail = "", Breakage? without = null,
        string[]? events = null, KernelRange? kernels = null, [CallerMemberName] string name = "")
    {
        var rule = new Rule
        {
            Name = name,
            Id = id,
            Section = section,
            What = what,
            Detail = detail,
            Source = source,
            Without = without,
            Events = events ?? [],
            Kernels = kernels ?? KernelRange.Every,
            Bit = without is null ? 0 : 1UL << s_all.Count(known => known.Without is not null),
        };
        s_all.Add(rule);
        return rule;
    }
}
