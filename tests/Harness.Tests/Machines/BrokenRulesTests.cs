using UapiLab.Harness.Machines;
using UapiLab.Harness.Tests.Machines.Broken;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>What a simulation sees of each rule that is broken alone. Not to be seen there does not mean to be
/// harmless.</summary>
public sealed class BrokenRulesTests
{
    private const int Seeds = 10;

    /// <summary>Seeds that are tried if the first few show nothing: F4 needs them.</summary>
    private const int MoreSeeds = 40;

    /// <summary>Those that see the most come first.</summary>
    private static readonly IEnumerable<Abstractions.IEncodingFamily> s_controls =
        BrokenEncodings.Controls.OrderBy(f => f.Id switch { "token-control" => 0, "at-fault-control" => 1, _ => 2 });

    public static TheoryData<string> SeenRules =>
        new(Rules.Breakable.Where(r => r.Without!.Seen is not null).Select(r => r.Name));

    public static TheoryData<string> CoveredRules =>
        new(Rules.Breakable.Where(r => r.Without!.Covered is not null).Select(r => r.Name));

    [Theory]
    [MemberData(nameof(SeenRules))]
    public void A_broken_rule_is_seen(string name)
    {
        var kind = Rules.Breakable.Single(rule => rule.Name == name).Without!.Seen!.Value;
        var trials = from seeds in new[] { Seeds, MoreSeeds } from family in s_controls select (family, seeds);
        Assert.Contains(trials, trial =>
            Trouble.Seen(trial.family.With(), RuleSet.Parse(name), trial.seeds, Trouble.Workloads)[(int)kind] > 0);
    }

    [Theory]
    [MemberData(nameof(CoveredRules))]
    public void A_rule_that_another_covers_for_is_not_seen(string name) => Assert.All(s_controls, family =>
    {
        var seeds = Repeats.AreWanted ? Seeds : 3;
        var seen = Trouble.Seen(family.With(), RuleSet.Parse(name), seeds, Trouble.Workloads);
        Assert.True(seen.All(count => count == 0), $"{family.Id}: {string.Join(',', seen)}");
    });
}
