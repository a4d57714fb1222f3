using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Encodings that are wrong on purpose, to see that simulator, checker and loader say so; and the controls,
/// which differ from them in nothing but the fault. <see cref="SeededDefects"/> says who should find what.</summary>
public static class BrokenEncodings
{
    /// <summary>Right: a token for each APF, injected at the fault.</summary>
    public static IEncodingFamily Control =>
        Token("token-control", "The encoding that the broken-token ones vary; right.", new());

    /// <summary>Right as long as the VMM is: KVM does not notice a second READY.</summary>
    public static IEncodingFamily TrustingControl =>
        Token("token-trusting", "KVM counts on one READY for each token, and gets it.", new(CompletesOnce: false));

    /// <summary>Right: injected at the fault, accepted after it.</summary>
    public static IEncodingFamily AtFaultControl =>
        AtFault("at-fault-control", "The encoding that the broken-at-fault ones vary; right.", new());

    /// <summary>Right: offered at the exit, injected at re-entry.</summary>
    public static IEncodingFamily AtReentryControl =>
        AtReentry("at-reentry-control", "The encoding that the broken-at-reentry ones vary; right.", new());

    /// <summary>Right: a state in two words.</summary>
    public static IEncodingFamily PlanesControl =>
        Planes("planes-control", "The encoding that the broken-planes ones vary; right.", new());

    /// <summary>Right: faults through a ring.</summary>
    public static IEncodingFamily RingControl =>
        Ring("ring-control", "The encoding that the broken-ring ones vary; right.", new());

    /// <summary>Right: indices that wrap at the end of their word.</summary>
    public static IEncodingFamily RingFreely =>
        Ring("ring-freely", "The ring with indices that run freely; right.", new(Indices: RingIndices.Freely));

    /// <summary>Right until the head wraps before the tail.</summary>
    public static IEncodingFamily RingInOrder =>
        Ring("broken-ring-in-order", "The consumer takes the ring for empty while the head is below the tail.",
            new(Indices: RingIndices.FreelyInOrder));

    /// <summary>The guest task sleeps for ever.</summary>
    public static IEncodingFamily NeverReady => Token("broken-never-ready", "READY is never sent.", new(Readies: 0));

    /// <summary>The guest reads a page whose content is not there.</summary>
    public static IEncodingFamily EarlyClear =>
        Token("broken-early-clear", "The bit is cleared at the exit, before the content is there.",
            new(Clears: ClearPoint.Exit));

    /// <summary>The same, a little later.</summary>
    public static IEncodingFamily ClearAtFetch =>
        Token("broken-clear-at-fetch", "The bit is cleared when the fetch is issued.",
            new(Clears: ClearPoint.FetchStarted));

    /// <summary>The guest faults for ever.</summary>
    public static IEncodingFamily NeverClears =>
        Token("broken-never-clears", "The bit is not cleared when the content is there.",
            new(Clears: ClearPoint.Never));

    /// <summary>Wrong under a weak memory order only.</summary>
    public static IEncodingFamily RelaxedClear =>
        Token("broken-relaxed-clear", "The bit is cleared without release.", new(ClearOrder: MemoryOrder.Relaxed));

    /// <summary>A neighbour's bit is lost.</summary>
    public static IEncodingFamily ClearInTwo =>
        Token("broken-clear-in-two", "The bit is cleared by reading its word and writing it back.",
            new(ClearsAtomically: false));

    /// <summary>The done list gets the same entry twice.</summary>
    public static IEncodingFamily DoubleReady =>
        Token("broken-double-ready", "READY is sent twice, and KVM does not notice.",
            new(CompletesOnce: false, Readies: 2));

    /// <summary>Right as long as no two READYs of one token come at once.</summary>
    public static IEncodingFamily TwoHolds =>
        Token("broken-two-holds", "READY releases the lock between the look-up and the completion.",
            new(HoldsLock: false));

    /// <summary>Nothing but that a call that fails leaves something behind.</summary>
    public static IEncodingFamily CountsRepeats =>
        Token("broken-counts-repeats", "A READY that is refused leaves a count behind.", new(CountsRepeats: true));

    /// <summary>A #PF with interrupts off: a Linux guest panics.</summary>
    public static IEncodingFamily IgnoresInterruptFlag =>
        Token("broken-if0", "KVM injects without asking whether it may.", new(AsksCanDo: false));

    /// <summary>The guest faults again, finds its own APF, and halts for a READY that nobody sends.</summary>
    public static IEncodingFamily NoAutoCompletion =>
        AtFault("broken-no-auto-completion", "KVM_RUN does not complete what the VMM resolved itself.",
            new(CompletesAtReentry: false));

    /// <summary>An accepted APF whose waiter is refused.</summary>
    public static IEncodingFamily AcceptsFirst =>
        AtFault("broken-accepts-first", "The APF is accepted before its waiter is entered.",
            new(AddsWaiterFirst: false));

    /// <summary>The READY of one frame goes to another.</summary>
    public static IEncodingFamily WrongFrame =>
        AtFault("broken-wrong-frame", "READY names the vCPU's last exit instead of the frame that arrived.",
            new(GpaPerWaiter: false));

    /// <summary>A READY that came first is not noticed.</summary>
    public static IEncodingFamily NoSecondLook =>
        AtReentry("broken-no-second-look",
            "A READY before re-entry leaves the offer open, and KVM injects without another look at the bit.",
            new(VoidsOffers: false));

    /// <summary>An answer to a question from before the frame was armed again: proposal 0003 as first
    /// written.</summary>
    public static IEncodingFamily StaleOffer =>
        AtReentry("broken-stale-offer",
            "An offer ends with a memslot update, but outlives a READY: a page that comes and is armed again without "
                + "one "
                + "makes KVM start an APF for a page that is not being fetched.",
            new(VoidsOffers: false, LooksAgain: true));

    /// <summary>Right as long as no vCPU is reset: KVM_RUN then follows an answer about what the vCPU executed
    /// before.</summary>
    public static IEncodingFamily OfferOutlivesReset =>
        AtReentry("broken-offer-outlives-reset", "An offer does not end when KVM drops the vCPU's queue.",
            new(EndsOffers: false));

    /// <summary>Nothing but the errno is wrong.</summary>
    public static IEncodingFamily UndeclaredErrno =>
        AtReentry("broken-undeclared-errno", "A READY that finds no APF gets -EAGAIN, which is not declared.",
            new(DeclaredErrno: false));

    /// <summary>Old lower bit, new upper bit: looks present.</summary>
    public static IEncodingFamily ReadsLowerFirst =>
        Planes("broken-reads-lower-first", "KVM reads the plane that is set before the one that is cleared.",
            new(ReadsUpperFirst: false));

    /// <summary>Between the two fault states lies "present".</summary>
    public static IEncodingFamily ClearsBeforeSet =>
        Planes("broken-clears-before-set", "The VMM leaves one fault state before it enters the other.",
            new(SetsBeforeClears: false));

    /// <summary>A fault between the last look and the arming is never seen.</summary>
    public static IEncodingFamily NoRecheck =>
        Ring("broken-no-recheck", "The consumer arms and sleeps without another look at the ring.",
            new(LooksAgain: false));

    /// <summary>That look may happen before the arming.</summary>
    public static IEncodingFamily NoConsumerFence =>
        Ring("broken-no-consumer-fence", "No fence between arming and the last look.", new(ConsumerFences: false));

    /// <summary>KVM's look at the arming may happen before its publishing.</summary>
    public static IEncodingFamily NoProducerFence =>
        Ring("broken-no-producer-fence", "No fence between publishing and the look at the arming.",
            new(ProducerFences: false));

    /// <summary>A bit that comes back, and no exit in which it would be cleared again.</summary>
    public static IEncodingFamily RingClearInTwo =>
        Ring("broken-ring-clear-in-two", "The bit is cleared by reading its word and writing it back.",
            new(ClearsAtomically: false));

    /// <summary>The halves share an object: must be rejected when it is loaded.</summary>
    public static IEncodingFamily Smuggler => new BrokenFamily(
        "broken-smuggler",
        "The VMM's wish reaches KVM beside the declared regions.",
        (id, summary, options) => new SmugglerEncoding(id, summary, options["through"]),
        new OptionSpec("through", ["field", "object"], "field",
            "field: a mutable field; object: a read-only field that holds a mutable object."));

    /// <summary>Stopped when it reads what is the VMM's.</summary>
    public static IEncodingFamily Peeker => new BrokenFamily(
        "broken-peeker", "KVM's half reads a word of the VMM's own.",
            (id, summary, _) => new PeekEncoding(id, summary, asksForTruth: false));

    /// <summary>Stopped when it asks for what nobody can know.</summary>
    public static IEncodingFamily Asker => new BrokenFamily(
        "broken-asker", "KVM's half asks for the ground truth, and is not the oracle.",
            (id, summary, _) => new PeekEncoding(id, summary, asksForTruth: true));

    /// <summary>Those that are right.</summary>
    public static IReadOnlyList<IEncodingFamily> Controls =>
        [Control, TrustingControl, AtFaultControl, AtReentryControl, PlanesControl, RingControl];

    /// <summary>Right as long as userspace is: each believes something of the page that both can write.</summary>
    public static IReadOnlyList<IEncodingFamily> Trusting =>
    [
        Ring("ring-tail-is-an-index", "Reads the entry at the tail, whatever the tail is.",
            new(Trusts: RingTrust.TailIsAnIndex)),
        Ring("ring-tail-meets-head", "Walks from the tail until it meets the head.",
            new(Trusts: RingTrust.TailMeetsHead)),
        Ring("ring-has-room", "Queues an APF before it looks whether the ring has room, and forgets it if not.",
            new(Trusts: RingTrust.RingHasRoom)),
    ];

    /// <summary>All of them, controls first.</summary>
    public static IReadOnlyList<IEncodingFamily> All =>
    [
        .. Controls, NeverReady, EarlyClear, ClearAtFetch, NeverClears, RelaxedClear, ClearInTwo,
            DoubleReady, IgnoresInterruptFlag,
        NoAutoCompletion, AcceptsFirst, WrongFrame, NoSecondLook, StaleOffer, UndeclaredErrno, ReadsLowerFirst,
            ClearsBeforeSet,
        NoRecheck, NoConsumerFence, NoProducerFence, RingClearInTwo, Smuggler, Peeker, Asker,
    ];

    private static BrokenFamily Token(string id, string summary, TokenFault fault) =>
        new(id, summary, (theId, theSummary, _) => new TokenEncoding(theId, theSummary, fault));

    private static BrokenFamily AtFault(string id, string summary, AtFaultFault fault) =>
        new(id, summary, (theId, theSummary, _) => new AtFaultEncoding(theId, theSummary, fault));

    private static BrokenFamily AtReentry(string id, string summary, AtReentryFault fault) =>
        new(id, summary, (theId, theSummary, _) => new AtReentryEncoding(theId, theSummary, fault));

    private static BrokenFamily Planes(string id, string summary, PlanesFault fault) =>
        new(id, summary, (theId, theSummary, _) => new PlanesEncoding(theId, theSummary, fault));

    private static BrokenFamily Ring(string id, string summary, RingFault fault) =>
        new(id, summary, (theId, theSummary, _) => new RingEncoding(theId, theSummary, fault));
}
