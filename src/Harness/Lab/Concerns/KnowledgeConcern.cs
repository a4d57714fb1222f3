using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Lab.Concerns;

/// <summary>A concern that is about what KVM can know when it injects, and how often it matters.</summary>
internal sealed class KnowledgeConcern : Concern
{
    private KnowledgeConcern(string id, string title, string question)
    {
        Id = id;
        Title = title;
        Question = question;
    }

    public static KnowledgeConcern SyncAndAsync { get; } = new("C1", "sync and async faults look the same to KVM",
        "When KVM injects not-present, can it tell a fault that the vCPU thread resolves from one that goes to an I/O "
            + "task?")
    {
        From = $"{Mails.Supportive}; {Mails.Conundrum}",
        Workload = "mixed",
        What = "not-presents back to back with their ready per fault, half of the pages local",
        Count = r => r.BackToBackApf,
        Unit = "back to back a fault",
        IsOneOfThree = true,
        Broken = "looks the same",
        Held = "can tell before it injects",
    };

    public static KnowledgeConcern OtherPurpose { get; } = new("C3", "exits for an entirely different purpose",
        "When KVM injects not-present, can it tell a fault that is wanted for another purpose "
            + "(write tracking, introspection, poison) from a missing page?")
    {
        From = Mails.QuitePossible,
        Workload = "intercept",
        What = "not-presents back to back with their ready per fault, three faults in ten for another purpose",
        Count = r => r.BackToBackApf,
        Unit = "back to back a fault",
        IsOneOfThree = true,
        Broken = "looks like a missing page",
        Held = "told before it injects",
    };

    public static KnowledgeConcern OnItsWay { get; } = new("C4", "page already on its way",
        "When KVM injects not-present, can it tell a page that has been asked for before from one that has not?")
    {
        From = Mails.QuitePossible,
        Workload = "prefetch-race",
        What = "not-presents per fault for a page under way, a prefetcher just ahead of the guest",
        Count = r => r.InFlightApf,
        Unit = "a fault for a page under way",
        LooksAtRecording = true,
        Broken = "looks the same",
        Held = "told before it injects",
    };

    public static KnowledgeConcern RaceWithTheCheck { get; } = new("C5", "marking present races with the check",
        "Can KVM inject not-present for a page whose content is there already?")
    {
        From = Mails.QuitePossible,
        Workload = "prefetch-race",
        What = "not-presents per fault with the content there",
        Count = r => r.LateApf,
        Unit = "late a fault",
        Broken = "a race remains",
        Held = "no race",
    };

    public override string Id { get; }

    public override string Title { get; }

    public override string Question { get; }

    public override string Source => From;

    public override string Method => "Pairs of runs that show KVM the same (docs/checking.md, \"what KVM can know\"), "
        + "and a count on a workload. Broken: a pair exists. "
        + "Holds: none does, over every pair of runs of the instance, or the question does not arise.";

    private string From { get; init; } = "";

    private string Workload { get; init; } = "";

    private string What { get; init; } = "";

    private Func<RunResult, long> Count { get; init; } = _ => 0;

    /// <summary>What is counted, as the summary says it.</summary>
    private string Unit { get; init; } = "";

    /// <summary>Whether the other two kinds of needless APF are shown beside the count.</summary>
    private bool IsOneOfThree { get; init; }

    /// <summary>Whether a recorded migration is asked too.</summary>
    private bool LooksAtRecording { get; init; }

    private string Broken { get; init; } = "";

    private string Held { get; init; } = "";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var finding = ConcernWords.Finding(bench, Id);
        var verdict = finding.Verdict switch
        {
            KnowledgeVerdict.Broken => ConcernVerdict.Broken,
            KnowledgeVerdict.NotDecided => ConcernVerdict.NotDecided,
            _ => ConcernVerdict.Holds,
        };
        var rate = bench.PerFault(Workload, Count);
        var summary = finding.Verdict == KnowledgeVerdict.NothingToDecide ? "does not arise"
            : verdict == ConcernVerdict.Broken ? Broken : Held;
        var allTheSame = verdict == ConcernVerdict.Holds && rate is { Mean: > 0 } ? " all the same" : "";
        (string beside, IReadOnlyList<Evidence> recorded) = LooksAtRecording
            ? ConcernWords.OnRecordedMigration(bench, Count) : ("", []);
        return new(Id, bench.Name, verdict, rate is { } r
            ? $"{summary}; {ConcernWords.Number(r)} {Unit}{beside}{allTheSame}" : summary,
            [
                ConcernWords.Known(bench, finding),
                ConcernWords.Simulated(bench, Workload, rate, What),
                .. recorded,
                .. IsOneOfThree ? ConcernWords.BesideBackToBack(bench, Workload) : [],
            ])
        {
            DoesNotArise = finding.Verdict == KnowledgeVerdict.NothingToDecide,
        };
    }
}
