using System.Runtime.Loader;
using System.Text.RegularExpressions;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using UapiLab.Tests;

namespace UapiLab.Testing.Tests.Seeded;

/// <summary>Each seeded defect, out of a plugin, fails a test of the kit; what that prints is all that its author
/// needs. That the kit finds nothing in what differs in the one thing is <see cref="TokenControlTests"/>'s and its
/// siblings'.</summary>
public sealed partial class SeededDefectTests
{
    private const string Arming = "armed-frames-fault";
    private const string Contract = "follows-the-contract";
    private const string Machines = "keeps-the-rules-on-any-machine";
    private const string Weak = "every-interleaving-weak-words";
    private const string StoreBuffers = "every-interleaving-store-buffers";

    /// <summary>The defect; the property that fails first, and its rule; the first property that breaks the rule by
    /// which the checker finds it, and that rule.</summary>
    public static TheoryData<string, string, string, string, string> Catches { get; } = new()
    {
        { "clear-at-exit", Arming, "old-behaviour", Contract, "unpopulated-read" },
        { "clear-at-fetch", Arming, "old-behaviour", Contract, "unpopulated-read" },
        { "relaxed-publish", Weak, "unpopulated-read", Weak, "unpopulated-read" },
        { "never-ready", Contract, "lost-wakeup", Contract, "lost-wakeup" },
        { "double-ready", "reserved-is-refused", "unmatched-ready", "reserved-is-refused", "unmatched-ready" },
        { "wrong-frame", Contract, "lost-wakeup", Contract, "lost-wakeup" },
        { "no-auto-completion", Contract, "lost-wakeup", Contract, "lost-wakeup" },
        { "accepts-first", Contract, "lost-wakeup", Contract, "lost-wakeup" },
        { "clear-in-two", Contract, "unpopulated-read", Contract, "unpopulated-read" },
        { "ring-clear-in-two", Contract, "livelock", Contract, "livelock" },
        { "reads-lower-first", Contract, "unpopulated-read", Contract, "unpopulated-read" },
        { "clears-before-set", Contract, "unpopulated-read", Contract, "unpopulated-read" },
        { "no-second-look", Contract, "lost-wakeup", Contract, "lost-wakeup" },
        { "stale-offer", Contract, "lost-wakeup", Contract, "lost-wakeup" },
        { "early-wake-ignored", Machines, "lost-wakeup", Machines, "lost-wakeup" },
        { "token-reuse", Machines, "lost-wakeup", Machines, "lost-wakeup" },
        { "beyond-the-limit", Machines, "queue-limit", Machines, "queue-limit" },
        { "interrupts-off", Contract, "illegal-injection", Contract, "illegal-injection" },
        { "ring-no-recheck", Machines, "lost-wakeup", Machines, "lost-wakeup" },
        { "ring-no-consumer-fence", StoreBuffers, "lost-wakeup", StoreBuffers, "lost-wakeup" },
        { "ring-no-producer-fence", StoreBuffers, "lost-wakeup", StoreBuffers, "lost-wakeup" },
        { "no-sequence-recheck", "every-interleaving-neighbours", "unpopulated-read",
            "every-interleaving-neighbours", "unpopulated-read" },
        { "no-zap", "every-interleaving-neighbours", "unpopulated-read", "every-interleaving-neighbours",
            "unpopulated-read" },
        { "never-clears", Arming, "old-behaviour", Contract, "livelock" },
        { "undeclared-errno", Contract, "errno-contract", Contract, "errno-contract" },
        { "smuggler", "stateless-halves", "load", "stateless-halves", "load" },
        { "peeker", "zero-is-plain-kvm", "knowledge", "zero-is-plain-kvm", "knowledge" },
        { "asker", "zero-is-plain-kvm", "knowledge", "zero-is-plain-kvm", "knowledge" },
    };

    [Theory]
    [MemberData(nameof(Catches))]
    public void The_kit_catches_it(string id, string property, string rule, string ruleProperty, string checkersRule)
    {
        var defect = SeededDefects.All.Single(d => d.Id == id);
        Assert.Equal(defect.FoundBy, checkersRule);
        var tried = SeededPlugin.Family(defect.Family.Id).Combinations().Take(Repeats.AreWanted ? int.MaxValue : 1);
        Assert.All(tried, encoding =>
        {
            var failure = new Trial(encoding, defect.BrokenRule).FirstFailure();
            Assert.Equal(property, failure?.Property);
            var message = failure!.Value.Message;
            Assert.StartsWith($"{encoding.Description.FullName}: {property} does not hold: {rule}: ", message,
                StringComparison.Ordinal);

            var parts = Failure().Match(message);
            Assert.True(parts.Success, message);
            if (parts.Groups["replay"].Value is { Length: > 0 } replay)
            {
                Assert.Equal(WithoutReplay(message),
                    WithoutReplay(new Trial(encoding, defect.BrokenRule, replay).MessageOf(property)!));
            }

            if (ruleProperty != property)
            {
                var other = new Trial(encoding, defect.BrokenRule).MessageOf(ruleProperty);
                Assert.StartsWith($"{encoding.Description.FullName}: {ruleProperty} does not hold: {checkersRule}: ",
                    other, StringComparison.Ordinal);
            }
        });
    }

    /// <summary>Controls of a machine that breaks one rule less; the others are tried whole. What only a memslot update
    /// makes good is not among them: the kit's interleavings discard pages.</summary>
    public static TheoryData<string> OnBrokenMachines { get; } =
        [.. SeededDefects.All.Where(d => d.ControlBrokenRule is not null
            && !d.Needs.HasFlag(DefectNeeds.RearmingByMemslot)).Select(d => d.Id)];

    [Theory]
    [MemberData(nameof(OnBrokenMachines))]
    public void It_does_not_catch_the_control_on_a_machine_that_is_broken_too(string id)
    {
        var defect = SeededDefects.All.Single(d => d.Id == id);
        var property = Catches.Single(row => row.Data.Item1 == id).Data.Item2;
        Assert.Null(new Trial(SeededPlugin.Family(defect.Control!.Id).With(), defect.ControlBrokenRule)
            .MessageOf(property));
    }

    [Fact]
    public void None_is_left_out() =>
        Assert.Equal(SeededDefects.All.Select(d => d.Id), Catches.Select(row => row.Data.Item1));

    [Fact]
    public void Each_comes_out_of_the_plugin()
    {
        Assert.Equal(
            BrokenEncodings.All.Select(f => f.Id).Order(StringComparer.Ordinal),
            SeededPlugin.Families.Select(f => f.Id).Order(StringComparer.Ordinal));
        Assert.All(SeededPlugin.Families, family => Assert.NotSame(
            AssemblyLoadContext.Default, AssemblyLoadContext.GetLoadContext(family.With().GetType().Assembly)));
    }

    /// <summary>What broke; the case, indented or a history's table; the seed; the command, in one line.</summary>
    [GeneratedRegex(
        @"\A[^\n]+ does not hold: [^\n]+\n\n(?s:.*?\S.*?)\n\nseed    1\n"
        + @"replay  (UAPILAB_REPLAY=(?<replay>[0-9]+,[0-9]+,[0-9]+) )?"
        + @"dotnet test --filter-method ""UapiLab\.Testing\.Tests\.Seeded\.Trial\.[A-Za-z_]+""\n\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Failure();

    private static string WithoutReplay(string message) =>
        message[..message.IndexOf("\nreplay  ", StringComparison.Ordinal)];
}
