using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Mistakes;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Lab.Misuse;

/// <summary>A mistake of a VMM around its half of the encoding: in its run loop, in what it sets up, in the memory that
/// it puts under the slot. One row each.</summary>
/// <param name="Id">Short, for tables.</param>
/// <param name="What">What the VMM does, one clause.</param>
/// <param name="Rule">What userspace has to keep to, one sentence.</param>
/// <param name="Careful">The machine whose VMM does it right.</param>
/// <param name="Mistaken">The machine whose VMM does it wrong.</param>
internal sealed record VmmMistake(string Id, string What, string Rule, CheckInstance Careful, CheckInstance Mistaken)
{
    /// <summary>The encoding of that VMM.</summary>
    public Func<Encoding, Encoding> Encoding { get; init; } = encoding => encoding;

    /// <summary>Whether a VMM for this encoding can make it.</summary>
    public Func<Encoding, bool> Applies { get; init; } = _ => true;

    /// <summary>A sometimes-property by which it shows where nothing breaks; null if there is none.</summary>
    public string? Shows { get; init; }

    private static readonly CheckInstance s_reArm = CheckInstance.Resolve("re-arm:vcpus=1,tasks=1") with
    {
        Environment = new(),
    };

    private static readonly CheckInstance s_parked = s_reArm with { RearmBy = RearmWay.Memslot };
    private static readonly CheckInstance s_kvmWrites = CheckInstance.Resolve("kvm-writes:vcpus=1,tasks=1");
    private static readonly CheckInstance s_staleRun = CheckInstance.Resolve("stale-run:tasks=1");
    private static readonly CheckInstance s_once = s_reArm with { Rearms = 0 };

    private static readonly CheckInstance s_kvmReads = s_kvmWrites with
    {
        Environment = new() { KvmWrites = 1, KvmReads = true },
    };

    /// <summary>Every one, in the order of reports.</summary>
    public static IReadOnlyList<VmmMistake> All { get; } =
    [
        Breaking(Rules.V1ArmFirst, s_reArm, "Userspace must mark a gfn before it discards the page."),
        Breaking(Rules.V2Exclusion, s_reArm,
            "Userspace must not mark a gfn again while one of its threads is about to say that the page is there."),
        Breaking(Rules.V3PublishesFound, s_kvmWrites,
            "Userspace must publish a page also where its copy fails with EEXIST, since KVM may have filled it."),
        Breaking(Rules.V4WritesOver, s_kvmWrites,
            "Userspace must write the content over a page that KVM has filled before it publishes it."),
        Breaking(Rules.V5ReadsReason, s_staleRun,
            "Userspace must believe kvm_run.memory_fault only if KVM_RUN failed with EFAULT or EHWPOISON and "
                + "exit_reason is KVM_EXIT_MEMORY_FAULT."),
        new("stale-ready", "memory_fault that KVM wrote at ready time is taken for that of a later plain -EFAULT",
            "Userspace must expect memory_fault to name a page that KVM touched when it delivered page-ready, and may "
                + "stop only at a plain -EFAULT that comes again.",
            s_staleRun, Named(s_staleRun with { Rearms = 0, Environment = new() { CarelessReentries = 1 } },
                "stale-run:tasks=1,rearms=0,careless-reentries=1"))
            { Shows = "stale-memory-fault" },
        new("re-entry", "KVM_RUN is called again although the fault is neither resolved nor handed off",
            "Userspace must resolve a fault, or hand it off as the interface says, before it calls KVM_RUN again.",
            Named(s_once, "one-fault"), Named(s_once with { Environment = new() { CarelessReentries = 1 } },
                "one-fault:careless-reentries=1")),
        new("slot-running", "the memslot's userfault flag is turned off and on while vCPUs run",
            "Userspace must not have vCPUs in KVM_RUN while KVM_MEM_USERFAULT is off and pages are missing.",
            Named(s_parked, "re-arm:by-memslot"), Named(s_parked with { RearmBy = RearmWay.MemslotRunning },
                "re-arm:by-memslot-running"))
            { Applies = IsByMemslot },
        new("new-bitmap", "a new userfault_bitmap is given to KVM_SET_USER_MEMORY_REGION2 under unchanged flags",
            "Userspace must clear KVM_MEM_USERFAULT and set it again to make KVM take a new userfault_bitmap; under "
                + "unchanged flags the ioctl returns 0 and ignores the pointer.",
            Named(s_parked, "re-arm:by-memslot"), s_reArm)
            { Applies = e => IsByMemslot(e) && IgnoredBitmap.Concerns(e), Encoding = e => new IgnoredBitmap(e) },
        new("no-userfaultfd", "nothing catches KVM's own reads of a missing page, which ask no bitmap",
            "Userspace must have a userfaultfd under the slot, or the pages that KVM itself reads (string I/O, "
                + "pvclock, the APF area) in place before KVM_RUN: KVM's own accesses do not exit for a marked gfn.",
            Named(s_kvmReads with { Backing = Backing.Userfaultfd }, "kvm-reads:backing=userfaultfd"),
            Named(s_kvmReads, "kvm-reads"))
            { Applies = IsByMemslot },
        Restoring("restore-area", "the page of the guest's APF area is missing at a restore, over anonymous memory",
            "Userspace must place the page of the guest's APF area before the first KVM_RUN after a restore."),
        Restoring("restore-words", "the shared words are carried over to a new KVM",
            "Userspace must start with fresh shared words after a restore, as KVM does."),
        Restoring("restore-no-vector", "MSR_KVM_ASYNC_PF_INT is not restored",
            "Userspace must restore MSR_KVM_ASYNC_PF_INT together with MSR_KVM_ASYNC_PF_EN."),
        Restoring("restore-refused", "MSR_KVM_ASYNC_PF_EN is written too early at a restore, and that it is refused "
            + "goes unnoticed",
            "Userspace must restore CPUID and the LAPIC before MSR_KVM_ASYNC_PF_EN, and look at what KVM_SET_MSRS "
                + "returns."),
    ];

    /// <summary>A rule of the VMM that is not kept.</summary>
    private static VmmMistake Breaking(Rule rule, CheckInstance instance, string forUserspace) => new(
        rule.Id, Lower(rule.Without!.What), forUserspace, instance,
        Named(instance with { Broken = rule }, $"{instance.Name}, {rule.Id} not kept"));

    private static VmmMistake Restoring(string instance, string what, string rule) => new(
        instance, what, rule, CheckInstance.Resolve(instance == "restore-area" ? "restore-area-armed:tasks=1"
            : "restore:gfns=1,tasks=1"),
        CheckInstance.Resolve(instance + (instance == "restore-area" ? ":tasks=1" : ":gfns=1,tasks=1")));

    private static CheckInstance Named(CheckInstance instance, string name) => instance with { Name = name };

    private static bool IsByMemslot(Encoding encoding) =>
        encoding.Description.Interception == Interception.Memslot;

    private static string Lower(string sentence) =>
        char.ToLowerInvariant(sentence[0]) + sentence.TrimEnd('.')[1..].Split(". ")[0];
}
