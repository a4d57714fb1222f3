using UapiLab.Harness.Machines;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Testing.Tests;

/// <summary>A property of the kit for each seeded defect: it fails there, by the rule that is meant, and holds of what differs in
/// the one thing.</summary>
public sealed class SeededDefectTests
{
    private const string Contract = "follows-the-contract";
    private const string Machines = "keeps-the-rules-on-any-machine";

    public static TheoryData<string, string, string> Catches { get; } = new()
    {
        { "clear-at-exit", Contract, "unpopulated-read" },
        { "clear-at-fetch", Contract, "unpopulated-read" },
        { "relaxed-publish", "every-interleaving-weak-words", "unpopulated-read" },
        { "relaxed-check", "every-interleaving-weak-words", "unpopulated-read" },
        { "never-ready", Contract, "lost-wakeup" },
        { "double-ready", Contract, "unmatched-ready" },
        { "wrong-frame", Contract, "lost-wakeup" },
        { "no-auto-completion", Contract, "lost-wakeup" },
        { "accepts-first", Machines, "lost-wakeup" },
        { "clear-in-two", Contract, "unpopulated-read" },
        { "ring-clear-in-two", Contract, "livelock" },
        { "reads-lower-first", Contract, "unpopulated-read" },
        { "clears-before-set", Contract, "unpopulated-read" },
        { "no-second-look", Contract, "lost-wakeup" },
        { "stale-offer", Contract, "lost-wakeup" },
        { "early-wake-ignored", Machines, "lost-wakeup" },
        { "token-reuse", Machines, "lost-wakeup" },
        { "beyond-the-limit", Machines, "queue-limit" },
        { "interrupts-off", Contract, "illegal-injection" },
        { "ring-no-recheck", "every-interleaving-publishers", "lost-wakeup" },
        { "ring-no-consumer-fence", "every-interleaving-store-buffers", "lost-wakeup" },
        { "ring-no-producer-fence", "every-interleaving-store-buffers", "lost-wakeup" },
        { "no-sequence-recheck", "every-interleaving-unpaused", "unpopulated-read" }, // on request only: see docs/testing-kit.md
        { "no-zap", "every-interleaving-neighbours", "unpopulated-read" },
        { "never-clears", Contract, "livelock" },
        { "undeclared-errno", Contract, "errno-contract" },
        { "smuggler", "stateless-halves", "load" },
        { "peeker", Contract, "knowledge" },
        { "asker", Contract, "knowledge" },
    };

    [Theory]
    [MemberData(nameof(Catches))]
    public void The_kit_catches_it_and_nothing_in_its_control(string id, string property, string rule)
    {
        var defect = SeededDefects.All.Single(d => d.Id == id);
        var failure = ConformanceKit.Check(defect.Family.With(), property, With(defect.BrokenRule));
        Assert.Equal(rule, failure?.Rule);
        if (defect.Control is { } control)
        {
            Assert.Null(ConformanceKit.Check(control.With(), property, With(defect.ControlBrokenRule)));
        }
    }

    [Fact]
    public void None_is_left_out() =>
        Assert.Equal(SeededDefects.All.Select(d => d.Id), Catches.Select(row => row.Data.Item1));

    private static ConformanceSettings With(string? brokenRules) => ConformanceSettings.Default with
    {
        Threads = 2,
        Broken = brokenRules is null ? BrokenRules.None : Enum.Parse<BrokenRules>(brokenRules),
    };
}
