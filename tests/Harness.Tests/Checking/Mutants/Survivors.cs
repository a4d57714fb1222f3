namespace UapiLab.Harness.Tests.Checking.Mutants;

/// <summary>Mutants that no property finds on the instances, each with the reason why that is right, or what is
/// missing.</summary>
internal static class Survivors
{
    private const string LastInCall = "harmless: nothing follows it in the call, so it is not late at all";
    private const string OwnWord = "harmless: only the vCPU's own thread reads the word, in a later call";
    private const string FreedSlot =
        "harmless: a free slot is not found, and its next set-up overwrites the word under the lock";
    private const string CostsAFault =
        "hole: the guest faults, and the vCPU exits, once more than it had to; no property counts exits (`compare` "
            + "does)";
    private const string Parked =
        "harmless here: the guest has not started, or the page is discarded next, and both order more than the access "
            + "does";
    private const string StillAtomic =
        "harmless: the update itself is still one atomic step, its result is not used, and the page is discarded only "
            + "afterwards";
    private const string OneOfTwoGuards =
        "harmless: while a queue is dropped its APFs are free in `apf_state` and `apf_clearing` is set; either alone "
            + "keeps a READY away, "
        + "and ENOENT is as good as EBUSY";
    private const string DroppedAnyway =
        "harmless in the machine: a READY in between completes an APF that is dropped, done list and all, right "
            + "after, and the next "
        + "set-up of the slot overwrites the word";
    private const string NotYetTold =
        "harmless: it is written before the exit, and before the exit the VMM has no reason to name this APF";
    private const string DecidedOn =
        "harmless: a branch on the value decides on the mapping, which orders the access behind it "
            + "(`docs/memory-orders.md`)";
    private const string Hint = "harmless: in-flight is a hint; the frame faults as it did before";

    /// <summary>By encoding and description of the mutant.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> All { get; } = new Dictionary<string,
        IReadOnlyDictionary<string, string>>
    {
        ["single-bit"] = new Dictionary<string, string>
        {
            ["KVM OnGuestFault: store apf_state #1 delayed"] = NotYetTold,
            ["KVM OnIoctl KVM_ENABLE_CAP: store apf_enabled #1 delayed"] = LastInCall,
            ["KVM OnApfDelivered: store apf_state #1 dropped"] = FreedSlot,
            ["KVM OnApfDelivered: store apf_state #1 delayed"] = LastInCall,
            ["KVM OnQueueClearing: store apf_state #1 dropped"] = DroppedAnyway,
            ["KVM OnQueueClearing: store apf_state #1 delayed"] = DroppedAnyway,
            ["VMM OnArm: fetch_or userfault_bitmap #1 delayed"] = StillAtomic,
            ["VMM OnArm: fence #1 weakened"] = Parked,
            ["VMM OnContentArrived: fetch_and userfault_bitmap #1 delayed"] = CostsAFault,
        },
        ["multi-bit"] = new Dictionary<string, string>
        {
            ["KVM OnGuestFault: store apf_state #1 delayed"] = NotYetTold,
            ["KVM OnGuestFault: store apf_state #2 dropped"] = FreedSlot,
            ["KVM OnGuestFault: store apf_state #2 delayed"] = FreedSlot,
            ["KVM OnGuestFault: load userfault_state #1 weakened"] = DecidedOn,
            ["KVM OnGuestFault: load userfault_state #2 weakened"] = DecidedOn,
            ["KVM OnApfDelivered: store apf_state #1 dropped"] = FreedSlot,
            ["KVM OnApfDelivered: store apf_state #1 delayed"] = LastInCall,
            ["KVM OnQueueClearing: store apf_state #1 dropped"] = DroppedAnyway,
            ["KVM OnQueueClearing: store apf_state #1 delayed"] = DroppedAnyway,
            ["VMM OnArm: fence #1 weakened"] = Parked,
            ["VMM OnArm: cmpxchg userfault_state #1 weakened"] = Parked,
            ["VMM OnContentArrived: fetch_and userfault_state #1 delayed"] = CostsAFault,
            ["VMM OnFetchStarted: load userfault_state #1 dropped"] = Hint,
            ["VMM OnFetchStarted: cmpxchg userfault_state #1 dropped"] = Hint,
            ["VMM OnFetchStarted: cmpxchg userfault_state #1 delayed"] = Hint,
            ["VMM OnFetchStarted: cmpxchg userfault_state #1 weakened"] =
                "harmless: it is still one atomic step, and it publishes nothing but itself",
        },
        ["async-hint"] = new Dictionary<string, string>
        {
            ["KVM OnGuestFault: store apf_offered #1 delayed"] = OwnWord,
            ["KVM OnRun: store userfault_answer #1 dropped"] =
                "harmless with a VMM that answers each offer: an answer without an offer means nothing, and the next "
                    + "offer is answered anew",
            ["KVM OnRun: store userfault_answer #1 delayed"] = OwnWord,
            ["KVM OnRun: store apf_offered #1 dropped"] =
                "harmless with a VMM that answers offers only: an offer without an answer means nothing, and the "
                    + "answer is zeroed",
            ["KVM OnRun: store apf_offered #1 delayed"] = OwnWord,
            ["KVM OnIoctl KVM_ENABLE_CAP: store apf_enabled #1 delayed"] = LastInCall,
            ["KVM OnIoctl KVM_ASYNC_PF KVM_APF_OP_READY: load apf_clearing #1 dropped"] = OneOfTwoGuards,
            ["KVM OnApfDelivered: store apf_state #1 dropped"] = FreedSlot,
            ["KVM OnApfDelivered: store apf_state #1 delayed"] = LastInCall,
            ["KVM OnQueueClearing: store apf_state #1 dropped"] = OneOfTwoGuards,
            ["KVM OnQueueClearing: store apf_state #1 delayed"] = OneOfTwoGuards,
            ["KVM OnQueueClearing: store apf_clearing #1 dropped"] = OneOfTwoGuards,
            ["KVM OnQueueClearing: store apf_clearing #1 delayed"] = OneOfTwoGuards,
            ["KVM OnQueueCleared: store apf_clearing #1 delayed"] =
                "harmless: it is still in time for the vCPU's next APF, and until then a READY finds nothing anyway",
            ["KVM OnQueueCleared: store apf_offered #1 delayed"] = LastInCall,
            ["VMM OnArm: fetch_or userfault_bitmap #1 delayed"] = StillAtomic,
            ["VMM OnArm: fence #1 weakened"] = Parked,
            ["VMM OnContentArrived: fetch_and userfault_bitmap #1 delayed"] = CostsAFault,
            ["VMM OnExit: store userfault_answer #1 delayed"] = LastInCall,
        },
        ["async-hint:inject=at-fault"] = new Dictionary<string, string>
        {
            ["KVM OnGuestFault: store apf_state #1 delayed"] = NotYetTold,
            ["KVM OnIoctl KVM_ENABLE_CAP: store apf_enabled #1 delayed"] = LastInCall,
            ["KVM OnIoctl KVM_ASYNC_PF KVM_APF_OP_READY: load apf_clearing #1 dropped"] = OneOfTwoGuards,
            ["KVM OnApfDelivered: store apf_state #1 dropped"] = FreedSlot,
            ["KVM OnApfDelivered: store apf_state #1 delayed"] = LastInCall,
            ["KVM OnQueueClearing: store apf_state #1 dropped"] = OneOfTwoGuards,
            ["KVM OnQueueClearing: store apf_state #1 delayed"] = OneOfTwoGuards,
            ["KVM OnQueueClearing: store apf_clearing #1 dropped"] = OneOfTwoGuards,
            ["KVM OnQueueClearing: store apf_clearing #1 delayed"] = OneOfTwoGuards,
            ["KVM OnQueueCleared: store apf_clearing #1 delayed"] =
                "harmless: it is still in time for the vCPU's next APF, and until then a READY finds nothing anyway",
            ["VMM OnArm: fetch_or userfault_bitmap #1 delayed"] = StillAtomic,
            ["VMM OnArm: fence #1 weakened"] = Parked,
            ["VMM OnContentArrived: fetch_and userfault_bitmap #1 delayed"] = CostsAFault,
        },
    };
}
