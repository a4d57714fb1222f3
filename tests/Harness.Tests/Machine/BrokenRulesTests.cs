using UapiLab.Harness.Checking;
using UapiLab.Harness.Machines;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>What a simulation sees of each rule that is broken alone. Not to be seen there does not mean to be harmless.</summary>
public sealed class BrokenRulesTests
{
    private const int Seeds = 10;

    private static readonly BrokenRules[] Unseen =
    [
        BrokenRules.A5Halt, BrokenRules.A10Unhalt, BrokenRules.A12WakeAll, BrokenRules.A13Interrupt, BrokenRules.EntryOrder, BrokenRules.GuestDummy,
        BrokenRules.F1Snapshot, BrokenRules.M5Zap,
    ];

    /// <summary>No workload disables APF or sends signals; HandMadeScheduleTests does.</summary>
    private static readonly BrokenRules[] MadeByHand = [BrokenRules.A14Clear, BrokenRules.A15KeepPending];

    /// <summary>KVM's own APF, which no workload of the lab has: RuleCoverageTests and KernelApfTests.</summary>
    private static readonly BrokenRules[] OfKernelApf = [BrokenRules.K1TryFirst, BrokenRules.K3ForWrite, BrokenRules.K5Flush];

    /// <summary>No workload restores the VM: RestoreTests.</summary>
    private static readonly BrokenRules[] OfRestore = [BrokenRules.R5WritesMsr];

    /// <summary>What no workload's encoding minds, since its VMM clears at an exit: LivelockTests.</summary>
    private static readonly BrokenRules[] OfRings = [BrokenRules.V1ArmFirst];

    private static readonly (BrokenRules Rule, string Encoding, string Property)[] SeenBy =
    [
        (BrokenRules.A1CanDo, "token-control", SeededDefects.IllegalInjection),
        (BrokenRules.A2CanDeliver, "token-control", SeededDefects.IllegalInjection),
        (BrokenRules.A3Limit, "token-control", SeededDefects.QueueLimit),
        (BrokenRules.A4Token, "token-control", SeededDefects.UnmatchedReady),
        (BrokenRules.A6Halt, "at-fault-control", SeededDefects.Livelock),
        (BrokenRules.A7Request, "token-control", SeededDefects.LostWakeup),
        (BrokenRules.A8Runnable, "at-fault-control", SeededDefects.LostWakeup),
        (BrokenRules.A9OneAtATime, "token-control", SeededDefects.LostWakeup),
        (BrokenRules.A10OnlyIfInjected, "at-fault-control", SeededDefects.UnmatchedReady),
        (BrokenRules.A11Prefetch, "at-fault-control", SeededDefects.LostWakeup),
        (BrokenRules.GuestZeroesToken, "token-control", SeededDefects.LostWakeup),
        (BrokenRules.F4Recheck, "token-control", SeededDefects.UnpopulatedRead),
        (BrokenRules.M2SmallPages, "token-control", SeededDefects.UnpopulatedRead),
        (BrokenRules.M6Discard, "token-control", SeededDefects.UnpopulatedRead),
    ];

    public static TheoryData<string> SeenRules => new(SeenBy.Select(s => s.Rule.ToString()));

    public static TheoryData<string> UnseenRules => new(Unseen.Select(r => r.ToString()));

    [Theory]
    [MemberData(nameof(SeenRules))]
    public void ABrokenRuleIsSeen(string name)
    {
        var (rule, encoding, property) = SeenBy.Single(s => s.Rule.ToString() == name);
        var seen = Trouble.Seen(Control(encoding), rule, rule == BrokenRules.F4Recheck ? 40 : Seeds, Trouble.Workloads);
        Assert.True(seen[(int)MachineProperty.Of(property).Violation!] > 0, string.Join(',', seen));
    }

    [Theory]
    [MemberData(nameof(UnseenRules))]
    public void ARuleThatAnotherCoversForIsNotSeen(string name)
    {
        var rule = Enum.Parse<BrokenRules>(name);
        Assert.All(BrokenEncodings.Controls, family =>
        {
            var seen = Trouble.Seen(family.With(), rule, Seeds, Trouble.Workloads);
            Assert.True(seen.All(count => count == 0), $"{family.Id}: {string.Join(',', seen)}");
        });
    }

    [Fact]
    public void EveryRuleIsAccountedFor()
    {
        Assert.Equal(
            Enum.GetValues<BrokenRules>().Where(r => r != BrokenRules.None).Order(),
            Unseen.Concat(MadeByHand).Concat(OfKernelApf).Concat(OfRestore).Concat(OfRings).Concat(SeenBy.Select(s => s.Rule)).Order());
    }

    private static Abstractions.Encoding Control(string id) => BrokenEncodings.Controls.Single(f => f.Id == id).With();
}
