using UapiLab.Abstractions;
using static UapiLab.TestKit.Broken.MemoryOrderings;

namespace UapiLab.TestKit.Broken;

/// <summary>Every seeded defect. A checker that misses one of them is worth nothing; one that complains about a
/// control, or about a defect under a memory order that hides it, is worth less.</summary>
public static class SeededDefects
{
    /// <summary>Somebody sleeps for ever.</summary>
    public const string LostWakeup = "lost-wakeup";
    /// <summary>The guest uses what was never placed.</summary>
    public const string UnpopulatedRead = "unpopulated-read";
    /// <summary>A ready without its not-present.</summary>
    public const string UnmatchedReady = "unmatched-ready";
    /// <summary>A not-present where none may be.</summary>
    public const string IllegalInjection = "illegal-injection";
    /// <summary>Faults without progress.</summary>
    public const string Livelock = "livelock";
    /// <summary>More APFs than the limit.</summary>
    public const string QueueLimit = "queue-limit";
    /// <summary>An errno that the description does not list.</summary>
    public const string ErrnoContract = "errno-contract";
    /// <summary>Rejected when it is loaded.</summary>
    public const string Load = "load";
    /// <summary>Stopped when it uses what it may not know.</summary>
    public const string Knowledge = "knowledge";

    /// <summary>All of them, in the order of the plan: each line is one.</summary>
    public static IReadOnlyList<SeededDefect> All =>
    [
        Token("clear-at-exit", BrokenEncodings.EarlyClear,
            UnpopulatedRead) with { Needs = DefectNeeds.TwoFaultersOfOneFrame },
        Token("clear-at-fetch", BrokenEncodings.ClearAtFetch,
            UnpopulatedRead) with { Needs = DefectNeeds.TwoFaultersOfOneFrame },
        Token("relaxed-publish", BrokenEncodings.RelaxedClear, UnpopulatedRead,
            Weak) with { Needs = DefectNeeds.TwoFaultersOfOneFrame },
        Token("never-ready", BrokenEncodings.NeverReady, LostWakeup),
        Token("double-ready", BrokenEncodings.DoubleReady,
            UnmatchedReady) with { Control = BrokenEncodings.TrustingControl },
        AtFault("wrong-frame", BrokenEncodings.WrongFrame, LostWakeup) with { Needs = DefectNeeds.TwoTasksTwoFrames },
        AtFault("no-auto-completion", BrokenEncodings.NoAutoCompletion, LostWakeup),
        AtFault("accepts-first", BrokenEncodings.AcceptsFirst,
            LostWakeup) with { Needs = DefectNeeds.TwoFaultersOfOneFrame },
        Token("clear-in-two", BrokenEncodings.ClearInTwo,
            UnpopulatedRead) with { Needs = DefectNeeds.Rearming | DefectNeeds.TwoTasksTwoFrames },
        Ring("ring-clear-in-two", BrokenEncodings.RingClearInTwo,
            Livelock) with { Needs = DefectNeeds.TwoTasksTwoFrames | DefectNeeds.TwoPublishers },
        Planes("reads-lower-first", BrokenEncodings.ReadsLowerFirst,
            UnpopulatedRead) with { Needs = DefectNeeds.TwoFaultersOfOneFrame },
        Planes("clears-before-set", BrokenEncodings.ClearsBeforeSet,
            UnpopulatedRead) with { Needs = DefectNeeds.TwoFaultersOfOneFrame },
        AtReentry("no-second-look", BrokenEncodings.NoSecondLook, LostWakeup),
        AtReentry("stale-offer", BrokenEncodings.StaleOffer, LostWakeup) with { Needs = DefectNeeds.Rearming },
        Machine("early-wake-ignored", "A ready overtakes its not-present, and the guest forgets that it came.",
            "EntryOrder, GuestDummy", LostWakeup)
            with { ControlBrokenRule = "EntryOrder" },
        Machine("token-reuse", "All APFs of a vCPU have the same token.", "A4Token", LostWakeup)
            with { Needs = DefectNeeds.Rearming | DefectNeeds.TwoTasksTwoFrames },
        Machine("beyond-the-limit", "One APF more than the limit is queued.", "A3Limit", QueueLimit)
            with { Needs = DefectNeeds.MoreTasksThanApfs },
        Token("interrupts-off", BrokenEncodings.IgnoresInterruptFlag,
            IllegalInjection) with { Needs = DefectNeeds.InterruptsOff },
        Ring("ring-no-recheck", BrokenEncodings.NoRecheck, LostWakeup) with { Needs = DefectNeeds.TwoTasksTwoFrames },
        Ring("ring-no-consumer-fence", BrokenEncodings.NoConsumerFence, LostWakeup,
            Tso | Weak) with { Needs = DefectNeeds.TwoTasksTwoFrames },
        Ring("ring-no-producer-fence", BrokenEncodings.NoProducerFence, LostWakeup,
            Tso | Weak) with { Needs = DefectNeeds.TwoTasksTwoFrames },
        Machine("no-sequence-recheck", "A page is mapped although it was invalidated since the fault began.",
            "F4Recheck", UnpopulatedRead)
            with { Needs = DefectNeeds.Rearming | DefectNeeds.TwoPublishers },
        Machine("no-zap", "Frames are armed again in place, and turning the flag on zaps nothing.", "M5Zap, M6Discard",
            UnpopulatedRead)
            with
            {
                ControlBrokenRule = "M6Discard",
                Needs = DefectNeeds.RearmingByMemslot | DefectNeeds.TwoTasksTwoFrames,
            },
        Token("never-clears", BrokenEncodings.NeverClears, Livelock),
        AtReentry("undeclared-errno", BrokenEncodings.UndeclaredErrno, ErrnoContract),
        Of("smuggler", BrokenEncodings.Smuggler, null, Load),
        Of("peeker", BrokenEncodings.Peeker, null, Knowledge),
        Of("asker", BrokenEncodings.Asker, null, Knowledge),
    ];

    private static SeededDefect Token(string id, IEncodingFamily family, string foundBy,
        MemoryOrderings under = MemoryOrderings.All) =>
        Of(id, family, BrokenEncodings.Control, foundBy, under);

    private static SeededDefect AtFault(string id, IEncodingFamily family, string foundBy) =>
        Of(id, family, BrokenEncodings.AtFaultControl, foundBy);

    private static SeededDefect AtReentry(string id, IEncodingFamily family, string foundBy) =>
        Of(id, family, BrokenEncodings.AtReentryControl, foundBy);

    private static SeededDefect Planes(string id, IEncodingFamily family, string foundBy) =>
        Of(id, family, BrokenEncodings.PlanesControl, foundBy);

    private static SeededDefect Ring(string id, IEncodingFamily family, string foundBy,
        MemoryOrderings under = MemoryOrderings.All) =>
        Of(id, family, BrokenEncodings.RingControl, foundBy, under);

    private static SeededDefect Machine(string id, string summary, string rules, string foundBy) =>
        new(id, summary, BrokenEncodings.Control, rules, foundBy,
            MemoryOrderings.All)
        { Control = BrokenEncodings.Control };

    private static SeededDefect Of(string id, IEncodingFamily family, IEncodingFamily? control, string foundBy,
        MemoryOrderings under = MemoryOrderings.All) =>
        new(id, family.Summary, family, null, foundBy, under) { Control = control };
}
