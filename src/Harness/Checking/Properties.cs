using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Whom a broken property harms; what is worse comes later.</summary>
internal enum Harm : byte
{
    /// <summary>Nobody: it is no property that must hold.</summary>
    None,
    /// <summary>The guest gets no further.</summary>
    HangsGuest,
    /// <summary>The guest goes on with wrong data, or panics.</summary>
    CorruptsGuest,
    /// <summary>KVM breaks a rule of its own.</summary>
    HarmsKvm,
}

/// <summary>A property of a run of the machine: one row of the table below.</summary>
/// <param name="Name">As typed on the command line.</param>
/// <param name="Kind">How it is read.</param>
/// <param name="Doc">What holds when it holds; for a sometimes, what is seen.</param>
/// <param name="Outcome">What has happened when it is broken or seen, for the head of a history.</param>
/// <param name="Event">The kind of event that breaks (always) or shows it (sometimes); null if no event does.</param>
internal sealed record MachineProperty(
    string Name, PropertyKind Kind, string Doc, string Outcome, MachineEventKind? Event)
{
    /// <summary>Every property, in the order of reports. docs/checking.md shows this table.</summary>
    public static IReadOnlyList<MachineProperty> All { get; } =
    [
        Always("lost-wakeup", Harm.HangsGuest, ViolationKind.LostWakeup,
            "Whoever waits is woken: no state in which nobody has to take a step while a guest task is unfinished.",
            "Nobody has to take another step, and a guest task waits for ever.",
            "what the environment may do but need not (a signal, a re-arming) does not count as help")
            with
            {
                NeedsUserspace = true,
                IsBrokenAtRest = machine => machine.LiveVcpus > 0,
                InSimulation = "A task or vCPU sleeps, and nothing that is going to happen will wake it.",
            },
        Always("unpopulated-read", Harm.CorruptsGuest, ViolationKind.ReadUnpopulated,
            "The guest never uses a page whose content was not placed.",
            "The guest used a page whose content was never placed.",
            "the harm of a frame that looks present too early (concern C5)")
            with { NeedsUserspace = true },
        Always("unmatched-ready", Harm.HarmsKvm, ViolationKind.UnmatchedReady,
            "Every page-ready answers one not-present that was set up and not answered yet.",
            "KVM delivered a page-ready that belongs to no outstanding not-present.",
            "msr.rst of the kernel: each token once"),
        Always("illegal-injection", Harm.CorruptsGuest, ViolationKind.IllegalInjection,
            "A not-present is injected only with interrupts on and no other exception pending.",
            "A not-present was injected where a Linux guest panics.",
            "rule A1 as an invariant"),
        Always("queue-limit", Harm.HarmsKvm, ViolationKind.LimitExceeded,
            "No more faults are outstanding on a vCPU than the limit; "
                + "done-but-undelivered ones and the wake-all item count.",
            "More faults are outstanding on a vCPU than the limit allows.",
            "rule A3 as an invariant; KVM refuses one too many, so an encoding breaks it only by completing twice"),
        Always("errno-contract", Harm.HarmsKvm, ViolationKind.UndeclaredErrno,
            "Every ioctl returns 0 or an errno that its description lists.",
            "An ioctl returned an errno that its description does not list.",
            "the description is what userspace is written against"),
        Always("failure-changes", Harm.HarmsKvm, ViolationKind.FailureChanges,
            "An ioctl that fails leaves everything as it was: declared words, APFs, work, eventfds, halts.",
            "An ioctl failed, and what it had changed was not taken back; the last step says what.",
            "what userspace may try again, as after KVM_SET_MEMORY_ATTRIBUTES (kvm_vm_set_mem_attributes reserves "
                + "memory before it changes anything); others' changes and kicks do not count, nor what the call took "
                + "back. A search goes on where it is broken")
            with { LetsSearchGoOn = true },
        Always("kvm-contract", Harm.HarmsKvm, ViolationKind.KvmDefect,
            "KVM's half stays within declared memory, keeps to the rules of locks, cancels no APF that is completed, "
                + "ends each call after a bounded number of accesses, and throws nothing.",
            "KVM's half left declared memory, broke a rule of locks, did not end a call, or threw; the last step says "
                + "what.",
            "what the rest of the host relies on (concern C16); the bound is 96 accesses or a checkpoint"),
        Always("leaked-apf", Harm.HarmsKvm, ViolationKind.LeakedApf,
            "When KVM's half returns on a vCPU's thread, each APF it queued has been offered to the guest, "
                + "completed or withdrawn, and what it allocated for an APF that is gone is freed.",
            "An APF occupies the vCPU's queue and nobody will ever complete it: the guest was not told of it, "
                + "and it was not withdrawn. Or KVM's half keeps memory of an APF that is gone.",
            "rule A3 bounds the queue; an item that is never given back is lost until the queue is cleared (A14), and "
                + "memory that is not freed at its delivery grows with the guest's faults (`RegionSpec.Allocates`)"),
        Always("old-fault", Harm.HarmsKvm, ViolationKind.OldFault,
            "What KVM remembers of a fault ends with the reset of its vCPU: it starts no APF for it afterwards, and "
                + "KVM_RUN does not return with it.",
            "KVM acted on a fault that the vCPU took before it was reset, and does not execute any more.",
            "rules Z1 to Z3, for what an encoding keeps beside the queue")
            with { AppliesTo = instance => instance.Environment.Resets > 0 },
        new("unseen-write", PropertyKind.Always,
            "Where the VMM was told that it would hear of a frame's first write, "
                + "it has heard of it before the guest writes.",
            "The guest wrote to a frame whose writes are tracked, and the VMM does not know.",
            MachineEventKind.WriteUnseen)
        {
            Harm = Harm.CorruptsGuest,
            About = "the harm of a kind of fault that only one side knows (concern C8)",
            NeedsUserspace = true,
            AppliesTo = instance => instance.TracksWrites,
        },
        new("kernel-warning", PropertyKind.Always,
            "KVM runs into no WARN_ON_ONCE.",
            "KVM warns in its ready path, which ends the host where panic_on_warn is set; it prefaults nothing.",
            MachineEventKind.KernelWarning)
        {
            Harm = Harm.HarmsKvm,
            About = "rule A18: an APF was started for a private fault",
            AppliesTo = instance => instance.StartsPrivate,
        },
        new("stale-kind", PropertyKind.Always,
            "The guest uses no mapping of the kind from which a page was converted.",
            "The guest used a page as private or shared that was converted before.", MachineEventKind.StaleKind)
        {
            Harm = Harm.CorruptsGuest,
            About = "rule F9",
            AppliesTo = instance => instance.StartsPrivate,
        },
        new("unseen-words", PropertyKind.Always,
            "The words of the APF area that the guest's handlers read are those that KVM wrote.",
            "The guest's handler read its APF words in other memory than KVM wrote.", MachineEventKind.WordsUnseen)
        {
            Harm = Harm.CorruptsGuest,
            About = "rule P5: the guest takes the event for a page fault of its own",
            NeedsUserspace = true,
            AppliesTo = instance => instance.HasAreaInSlot,
        },
        new("livelock", PropertyKind.Eventually,
            "Steps lead somewhere: no fair run goes round for ever without a guest task getting further.",
            "The steps at the end repeat for ever although everybody who can take one does.", null)
        {
            Harm = Harm.HangsGuest,
            About = "a cycle of states; weak fairness for each actor and each store buffer, "
                + "no steps that the environment need not take",
            NeedsUserspace = true,
            Violation = ViolationKind.Livelock,
            InSimulation = "One access faults again and again without anything changing.",
        },

        Sometimes("apf-injected", MachineEventKind.KvmInjException, "A not-present is injected.",
            "without it a pass says nothing about APF"),
        Sometimes("ready-delivered", MachineEventKind.KvmInjVirq,
            "A page-ready interrupt is injected for a page; the wake-all on enabling does not count.", "rule A10")
            with { Where = token => token != uint.MaxValue },
        Sometimes("early-wake", MachineEventKind.GuestEarlyWake,
            "The guest learns of a ready before it has handled the not-present.",
            "the guest keeps a dummy; never seen on the unbroken machine, where exceptions go before interrupts"),
        Sometimes("vcpu-halted", MachineEventKind.ApfHalt, "A vCPU sleeps in an APF halt.", "rules A5 and A6"),
        Sometimes("repeated-fault", MachineEventKind.KvmAsyncPfRepeatedFault,
            "A vCPU faults again on a frame whose APF is outstanding.", "rule A6"),
        Sometimes("queue-full", MachineEventKind.ApfQueueFull, "A fault finds the vCPU's queue full.",
            "rule A3 at work"),
        Sometimes("injection-refused", MachineEventKind.InjectionRefused,
            "KVM's write of the not-present to the APF area fails.", "rule A5, the halting branch"),
        Sometimes("back-to-back-apf", MachineEventKind.GuestNotPresent,
            "Ready is queued before the guest ran one instruction after the not-present: the event was for nothing.",
            "concern C2")
            with { Where = marks => ((ApfMarks)marks & ApfMarks.BackToBack) != 0 },
        Sometimes("late-apf", MachineEventKind.GuestNotPresent,
            "The content was in place when the not-present was injected.", "concern C5")
            with { Where = marks => ((ApfMarks)marks & ApfMarks.Late) != 0 },
        Sometimes("in-flight-apf", MachineEventKind.ApfWhileInFlight,
            "A not-present is injected for a frame whose fetch was already under way.",
            "concern C4; looked for at the fault only, not at a re-entry"),
        Sometimes("eintr", MachineEventKind.RunInterrupted, "KVM_RUN returns -EINTR.", "rule A15"),
        Sometimes("re-armed", MachineEventKind.PageDiscarded, "A page is armed again and discarded.", "concern C15"),
        Sometimes("apf-dropped", MachineEventKind.ApfDropped, "The guest disables APF while one is outstanding.",
            "rule A14 at work"),
        Sometimes("empty-ready", MachineEventKind.ReadyWithoutPage,
            "Page-ready is delivered for a page that is not there.",
            "legal, and a cost: the guest retries for nothing and faults again"),
        Sometimes("answer-refused", MachineEventKind.RunRefused,
            "KVM_RUN returns at once because the VMM's answer cannot be followed.",
            "only encodings that decide at re-entry can do this"),
        Sometimes("write-seen", MachineEventKind.WriteSeen,
            "The VMM hears of a write to a frame whose writes it tracks.",
            "without it a pass of the newer versions says nothing about what they add")
            with { AppliesTo = instance => instance.TracksWrites },
        Sometimes("restored-with-apfs", MachineEventKind.VmRestored,
            "The VM is restored while APFs are outstanding.", "a restore with no task waiting shows nothing")
            with { AppliesTo = instance => instance.Restores is not null, Where = outstanding => outstanding > 0 },
        Sometimes("event-dropped", MachineEventKind.NotPresentDropped,
            "Userspace drops a not-present that is pending.", "rule A17 at work")
            with { AppliesTo = instance => instance.Environment.DroppedEvents > 0 },
        Sometimes("pre-faulted", MachineEventKind.Prefaulted, "KVM_PRE_FAULT_MEMORY maps a page.", "rule F10")
            with { AppliesTo = instance => instance.Environment.Prefaults > 0, Where = errno => errno == 0 },
        Sometimes("pre-fault-refused", MachineEventKind.Prefaulted,
            "KVM_PRE_FAULT_MEMORY meets a marked page and returns -EFAULT.", "rule F10")
            with { AppliesTo = instance => instance.Environment.Prefaults > 0, Where = errno => errno != 0 },
        Sometimes("reset-with-apfs", MachineEventKind.VcpuReset,
            "A vCPU is reset while its APFs are outstanding.", "a reset that forgets nothing shows nothing")
            with { AppliesTo = instance => instance.Environment.Resets > 0, Where = outstanding => outstanding > 0 },
        Sometimes("copy-finds-page", MachineEventKind.CopyFindsPage,
            "The VMM's copy fails because KVM has filled the page.", "rule P4; EEXIST")
            with { AppliesTo = instance => instance.Environment.KvmWrites > 0 },
        Sometimes("stale-memory-fault", MachineEventKind.StaleMemoryFault,
            "The VMM handles a memory fault that is not this exit's.",
            "rule F7; a VMM that reads exit_reason does so only after a ready has written kvm_run")
            with { AppliesTo = instance => instance.RefusesLastGfn },
        Sometimes("page-converted", MachineEventKind.PageConverted, "A page is converted.", "rule F9")
            with { AppliesTo = instance => instance.StartsPrivate },
        Sometimes("vm-stopped", MachineEventKind.VmStopped,
            "The VMM ends the VM at a -EFAULT without information.", "rule F6; what it should do")
            with { AppliesTo = instance => instance.RefusesLastGfn },
        Sometimes("ioctl-refused", MachineEventKind.IoctlRefused,
            "An ioctl is refused in a way in which it is not where the VMM makes no mistake.",
            "only where the VMM makes a mistake (misuse.md)")
            with { AppliesTo = instance => instance.WatchedRefusal is not null },
    ];

    /// <summary>Where it comes from or what else to know of it, for the table in docs/checking.md.</summary>
    public string About { get; init; } = "";

    /// <summary>Whom it harms that it is broken, for the verdict on what a VMM does wrong (docs/misuse.md).</summary>
    public Harm Harm { get; init; }

    /// <summary>Which values the event must have.</summary>
    public Func<ulong, bool> Where { get; init; } = _ => true;

    /// <summary>The kind of violation that the machine reports for it; null if it reports none.</summary>
    public ViolationKind? Violation { get; init; }

    /// <summary>What a simulation counts instead of the outcome, for docs/metrics.md; null if it is the same.</summary>
    public string? InSimulation { get; init; }

    /// <summary>Whether userspace can break it for its own guest by acting against it.</summary>
    public bool NeedsUserspace { get; init; }

    /// <summary>Whether it is of interest on an instance.</summary>
    public Func<CheckInstance, bool> AppliesTo { get; init; } = _ => true;

    /// <summary>Whether a state in which no actor has to take a step breaks it.</summary>
    public Func<Machine, bool> IsBrokenAtRest { get; init; } = _ => false;

    /// <summary>Those, and the properties that a plugin brought to an instance.</summary>
    public static IReadOnlyList<MachineProperty> Of(CheckInstance instance) =>
        instance.Watched.Count == 0 ? All : [.. All, .. instance.Watched.Select(Of)];

    /// <summary>The one that the machine reports with this kind of violation.</summary>
    public static MachineProperty Of(ViolationKind violation) => All.First(p => p.Violation == violation);

    /// <summary>The one with this name.</summary>
    public static MachineProperty Of(string name) => All.First(p => p.Name == name);

    /// <summary>As everything that knows nothing of the machine sees it.</summary>
    public PropertySpec Spec => new(Name, Kind, Doc) { LetsSearchGoOn = LetsSearchGoOn };

    /// <summary>See <see cref="PropertySpec.LetsSearchGoOn"/>.</summary>
    public bool LetsSearchGoOn { get; init; }

    /// <summary>Whether an event of its kind breaks or shows it.</summary>
    public bool Shows(in MachineEvent e) => e.Kind == Event && Where(e.Value);

    /// <summary>A plugin's. The machine runs its automaton and says by number when it is shown; it may be about
    /// anything, also about what a VMM does.</summary>
    private static MachineProperty Of(IProperty property, int index) => new(
        property.Name, property.IsNever ? PropertyKind.Always : PropertyKind.Sometimes, property.Doc, property.Outcome,
        MachineEventKind.PropertyShown)
    {
        Where = shown => shown == (ulong)index,
        NeedsUserspace = property.IsNever,
    };

    private static MachineProperty Always(
        string name, Harm harm, ViolationKind violation, string doc, string outcome, string about) =>
        new(name, PropertyKind.Always, doc, outcome, MachineEventKind.Violation)
        {
            About = about,
            Harm = harm,
            Violation = violation,
            Where = kind => kind == (ulong)violation,
        };

    private static MachineProperty Sometimes(string name, MachineEventKind shownBy, string doc, string about) =>
        new(name, PropertyKind.Sometimes, doc, doc, shownBy) { About = about };
}
