using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Histories;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C9.</summary>
internal sealed class C9OneWay : Concern
{
    public override string Id => "C9";
    public override string Title => "the information flows one way";
    public override string Question =>
        "Does KVM know what userspace will do with a fault before it injects, and does userspace know that it "
            + "injected?";
    public override string Source => $"{Mails.QuitePossible}; {Mails.MatterOfCost}";
    public override string Method =>
        "The table of knowledge of one run that hands a fault off: from which step on each party knows, in every "
            + "state that its view leaves possible. "
        + "Broken: KVM learns of the hand-off after it has injected. At a cost: KVM is told first, and userspace "
            + "never learns whether "
        + "KVM injected: still one way, the other one. Holds: both are told, or KVM never injects.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        if (bench.Knowledge.Table is not { } table)
        {
            return new(Id, bench.Name, ConcernVerdict.NotDecided, "the instance was not exhausted",
                [new("a bound was hit", Command(bench))]);
        }

        var vmm = table.Parties.ToList().IndexOf("VMM");
        var injected = table.Facts.FirstOrDefault(f => f.Fact.StartsWith("KVM injects", StringComparison.Ordinal));
        var handedOff = HandedOffKnownToKvm(table);
        if (injected is null)
        {
            return new(Id, bench.Name, ConcernVerdict.Holds, "never injects",
                [new("KVM never injects on this machine", Command(bench), KnowledgeText.Mail(table))]);
        }

        var told = handedOff <= injected.Since[0];
        var learns = injected.Since[vmm] is not null;
        var says = learns ? "userspace learns of the injection" : "userspace never learns whether KVM injected";
        return new(Id, bench.Name, !told ? ConcernVerdict.Broken : learns ? ConcernVerdict.Holds
            : ConcernVerdict.HoldsAtACost, (told ? "KVM is told first" : "KVM learns after it injected") + "; " + says,
            [new($"KVM injects at step {injected.Since[0]} and knows of the hand-off "
                + $"{(handedOff is { } at ? $"from step {at} on" : "never")}; {says}", Command(bench),
                KnowledgeText.Mail(table))]);
    }

    /// <summary>The step from which on KVM knows that an I/O task resolves the fault; null = it never does.</summary>
    public static int? HandedOffKnownToKvm(KnowledgeTable table) =>
        table.Facts.FirstOrDefault(f => f.Fact.StartsWith("an I/O task", StringComparison.Ordinal))
            ?.Since[table.Parties.ToList().IndexOf("KVM")];

    private static string Command(ConcernBench bench) => $"check {bench.Name} --knowledge";
}
