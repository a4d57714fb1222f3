using UapiLab.Abstractions;
using UapiLab.Encodings.AsyncHint;

namespace UapiLab.Encodings.Exitless;

/// <summary>Regions of the rings, behind those of <see cref="AsyncHintLayout.AtFault"/>, and the arithmetic of their
/// indices.</summary>
internal static class ExitlessLayout
{
    /// <summary>KVM_SET_APF_EVENTFD.</summary>
    public const uint SetEventfd = 0xd9;

    /// <summary>Bit 0 of flags: signal at the next entry.</summary>
    public const ulong NotifyArmed = 1;

    /// <summary>Entries of each ring of the series.</summary>
    public const int RealRing = 64;

    /// <summary>Words of an entry: gpa, flags.</summary>
    public const int EntryWords = 2;

    public const string FlagsName = "apf_flags";
    public const string NotifyIndexName = "apf_notify_index";
    public const string NotifyName = "apf_notify";
    public const string CompleteIndexName = "apf_complete_index";
    public const string CompleteName = "apf_complete";

    private const string Again = "the VMM calls KVM_SET_APF_EVENTFD again and gets a new page";

    public static Region Flags => new(4);

    /// <summary>Head, written by KVM; tail, written by the VMM.</summary>
    public static Region Notify => new(5, WordsPerUnit: 2);

    public static Region NotifyEntries(int ring) => new(6, WordsPerUnit: ring * EntryWords);

    /// <summary>Head, written by the VMM; tail, written by KVM.</summary>
    public static Region Complete => new(7, WordsPerUnit: 2);

    public static Region CompleteEntries(int ring) => new(8, WordsPerUnit: ring * EntryWords);

    public static Region Registered => new(9);

    public static Region KvmHead => new(10);

    public static Region VmmTail => new(11);

    public static Region VmmHead => new(12);

    public static Region ProducerLock => new(13);

    public static Region ConsumerLock => new(14);

    public static IReadOnlyList<RegionSpec> Of(int ring) =>
    [
        .. AsyncHintLayout.AtFault,
        Shared(FlagsName, 32, 1,
            "Bit 0 NOTIFY_ARMED: signal at the next entry; set by the VMM, cleared by whoever takes it."),
        Shared(NotifyIndexName, 32, 2, "Head, written by KVM, and tail, written by the VMM; free-running.") with
        { RunsFreely = true },
        Shared(NotifyName, 64, ring * EntryWords, "Entries of faults: gpa, flags; written by KVM.") with { RecordHolds =
            [WordKind.Gpa, WordKind.Number] },
        Shared(CompleteIndexName, 32, 2, "Head, written by the VMM, and tail, written by KVM; free-running.") with
        { RunsFreely = true },
        Shared(CompleteName, 64, ring * EntryWords,
            "Entries of completions: gpa, flags (0); written by the VMM.") with { RecordHolds =
            [WordKind.Gpa, WordKind.Number] },
        Kvm("apf_registered", "1 = KVM_SET_APF_EVENTFD gave this vCPU its rings."),
        Kvm("apf_notify_head", "The head that KVM believes; only the vCPU thread touches it.") with
        { RunsFreely = true },
        Vmm("vmm_notify_tail", "The tail, for the next thread that consumes.") with { RunsFreely = true },
        Vmm("vmm_complete_head", "The head; under vmm_producer_lock.") with { RunsFreely = true },
        Vmm("vmm_producer_lock", "1 = a thread writes a completion."),
        Vmm("vmm_consumer_lock", "1 = a thread reads notifications (notify=always, where each signal may start one)."),
    ];

    public static ulong Head(Region index, int vcpu) => index.At(vcpu);

    public static ulong Tail(Region index, int vcpu) => index.At(vcpu, 1);

    public static ulong Entry(Region entries, int vcpu, ulong index, int ring) =>
        entries.At(vcpu, (int)(index % (ulong)ring) * EntryWords);

    /// <summary>Indices run freely as u32. Those of a ring for checking run modulo twice its size, which tells full
    /// from empty just as well and does not make a new state of each lap.</summary>
    public static ulong Index(ulong value, int ring) =>
        value & (ring == RealRing ? uint.MaxValue : (2 * (ulong)ring) - 1);

    public static ulong After(ulong index, int ring) => Index(index + 1, ring);

    /// <summary>Entries between two indices; more than a ring of them if the other side wrote nonsense.</summary>
    public static ulong Count(ulong head, ulong tail, int ring) => Index(head + (1UL << 32) - tail, ring);

    /// <summary>The eventfd that KVM signals for a vCPU.</summary>
    public static int NotifyFd(int vcpu) => 2 * vcpu;

    /// <summary>The eventfd that the VMM signals.</summary>
    public static int CompleteFd(int vcpu) => (2 * vcpu) + 1;

    private static RegionSpec Shared(string name, int bits, int count, string doc) =>
        new(name, RegionOwner.Shared, RegionScope.PerVcpu, bits, count, doc) { Holds = WordKind.Number };

    private static RegionSpec Kvm(string name, string doc) =>
        new(name, RegionOwner.KvmPrivate, RegionScope.PerVcpu, 32, 1, doc) { Holds = WordKind.Number, Restore = Again };

    private static RegionSpec Vmm(string name, string doc) =>
        new(name, RegionOwner.VmmPrivate, RegionScope.PerVcpu, 32, 1, doc) { Holds = WordKind.Number };
}
