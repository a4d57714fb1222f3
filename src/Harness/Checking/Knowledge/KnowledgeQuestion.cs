using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>A question of the kind "can KVM tell?": two things that may be true of a fault for which KVM commits to a
/// not-present. If both can be true after the same view, KVM cannot tell.</summary>
/// <param name="Id">Concern it belongs to, C1 to C17.</param>
/// <param name="Pair">What KVM can tell from what, if it holds.</param>
/// <param name="Found">Of two runs that show KVM the same, if it is broken.</param>
/// <param name="First">What may be true.</param>
/// <param name="FirstNeed">What KVM would then have to do.</param>
/// <param name="Second">What else may be true.</param>
/// <param name="SecondNeed">What KVM would have to do then.</param>
internal sealed record KnowledgeQuestion(string Id, string Pair, string Found, KnowledgeSide First,
    string FirstNeed, KnowledgeSide Second, string SecondNeed)
{
    /// <summary>In the order of reports.</summary>
    public static IReadOnlyList<KnowledgeQuestion> All { get; } =
    [
        new("C1", "a fault that the vCPU thread resolves before KVM_RUN from one that goes to an I/O task",
            "in one of them the vCPU thread resolves the fault before KVM_RUN, so the event is needless",
            new("the page will be there before KVM_RUN", FaultOutcome.AtOnce),
                "inject nothing: the instruction merely took long",
            new("the fault goes to an I/O task", FaultOutcome.HandedOff),
                "inject not-present: the guest can run another task"),
        new("C3", "a fault that is wanted for another purpose from a missing page",
            "in one of them the fault is wanted for another purpose, no page is missing and the event is needless",
            new("the fault is wanted for another purpose", FaultOutcome.OtherPurpose),
                "inject nothing: no page is missing",
            new("the fault goes to an I/O task", FaultOutcome.HandedOff),
                "inject not-present: the guest can run another task"),
        new("C4", "a page that is on its way already from one that has not been asked for",
            "in one of them the page was on its way already, in the other it had not been asked for",
            new("the page had been asked for before the fault", null, OnItsWay: true),
                "inject nothing, or wait a little: it comes soon",
            new("the page had not been asked for", null, OnItsWay: false),
                "inject not-present: the page takes its whole time"),
        new("C5", "a page that has just been marked present from a missing one",
            "in one of them the page is marked present by then and the event is needless",
            new("the page is marked present when KVM injects", null, MarkedPresent: true),
                "map the page: nothing is missing",
            new("the page is not marked present when KVM injects", null, MarkedPresent: false),
                "inject not-present: the page is missing"),
    ];

    /// <summary>What is so, given the verdict: a sentence that stands beside it and says the same.</summary>
    public string Statement(KnowledgeVerdict verdict) => verdict switch
    {
        KnowledgeVerdict.Holds => $"when KVM injects, it can tell {Pair}",
        KnowledgeVerdict.Broken => $"KVM saw the same in both runs; {Found}",
        KnowledgeVerdict.NothingToDecide =>
            $"KVM never injects, or one of the two never occurs: it need not tell {Pair}",
        _ => $"it is open whether KVM, when it injects, can tell {Pair}",
    };
}

/// <summary>Something that may be true of the fault for which KVM commits to a not-present; null = it does not
/// matter.</summary>
/// <param name="Doc">In words.</param>
/// <param name="Outcome">What the VMM makes of the fault, before or after.</param>
/// <param name="OnItsWay">Whether its fetch was under way when the vCPU faulted.</param>
/// <param name="MarkedPresent">Whether the VMM had marked it present when KVM injected.</param>
internal sealed record KnowledgeSide(string Doc, FaultOutcome? Outcome, bool? OnItsWay = null,
    bool? MarkedPresent = null)
{
    /// <summary>Whether it is, or may yet become, true in a run that goes through a state right after the
    /// decision.</summary>
    public bool IsPossible(ViewGraph graph, Outcomes outcomes, int node, int vcpu) =>
        (Outcome is not { } outcome || outcomes.Can(node, vcpu, outcome))
        && (OnItsWay is not { } onItsWay || graph.Record(node).WasOnItsWay(vcpu) == onItsWay)
        && (MarkedPresent is not { } there || (graph.Facts(node).PresentOfFault >> vcpu & 1) != 0 == there);
}
