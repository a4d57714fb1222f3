using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Testing.Tests;

/// <summary>What a test class that inherits the kit does with a failure.</summary>
public sealed class FailureTests
{
    [Fact]
    public void A_failure_shows_the_smallest_case_and_how_to_replay_it()
    {
        var message = Assert.Throws<ConformanceException>(new NeverReadyConformance([]).Follows_the_contract).Message;
        var lines = message.Split('\n');
        Assert.StartsWith("broken-never-ready: follows-the-contract does not hold: lost-wakeup: vCPU 0 waits for gfn 0",
            lines[0], StringComparison.Ordinal);
        Assert.Equal(
            [
                "  arm gfn 0 to 0, predicted Async",
                "  then what is under way comes to its end:",
                "  then every vCPU touches every frame:",
                "  vCPU 0 faults on gfn 0 (Write)",
                "    exits with flags 0x30",
                "  the VMM handles the exit of vCPU 0 for gfn 0: HandOff",
                "  the content of gfn 0 arrives",
                "  KVM_RUN of vCPU 0",
            ],
            lines[2..10]);
        Assert.Contains("seed    1", lines);
        Assert.Matches(
            "^replay  UAPILAB_REPLAY=[0-9]+,[0-9]+,[0-9]+ dotnet test --filter-method "
            + "\".*NeverReadyConformance.Follows_the_contract\"$", lines[^2]);
    }

    [Fact]
    public void A_replay_begins_with_the_case_that_failed()
    {
        var encoding = BrokenEncodings.StaleOffer.With();
        var failure = ConformanceKit.Check(encoding, "follows-the-contract")!;
        var again = ConformanceKit.Check(encoding, "follows-the-contract",
            ConformanceSettings.Default with { Cases = 1, Replay = failure.Replay });
        Assert.Equal(failure with { Replay = again?.Replay }, again);
    }

    [Fact]
    public void Same_seed_same_failure() =>
        Assert.Equal(
            ConformanceKit.Check(BrokenEncodings.WrongFrame.With(), "follows-the-contract"),
            ConformanceKit.Check(BrokenEncodings.WrongFrame.With(), "follows-the-contract"));

    [Fact]
    public void An_expected_failure_passes() =>
        Assert.Null(
            Record.Exception(
            new NeverReadyConformance([new("follows-the-contract", "lost-wakeup")]).Follows_the_contract));

    [Fact]
    public void An_expected_failure_by_another_rule_does_not_pass() =>
        Assert.Throws<ConformanceException>(
            new NeverReadyConformance([new("follows-the-contract", "livelock")]).Follows_the_contract);

    [Fact]
    public void An_expected_failure_that_is_none_does_not_pass()
    {
        var message =
            Assert.Throws<ConformanceException>(
                new NeverReadyConformance([new("zero-is-plain-kvm", "old-behaviour")]).Zero_is_plain_kvm).Message;
        Assert.Equal(
            "zero-is-plain-kvm holds of broken-never-ready, and was expected to break old-behaviour: take it off the "
            + "list of expected failures", message);
    }

    [Fact]
    public void A_replay_that_is_none_is_refused()
    {
        var refused = Assert.Throws<InputException>(() =>
            ConformanceKit.Check(BrokenEncodings.Control.With(), "follows-the-contract",
                ConformanceSettings.Default with { Replay = "1,2" }));
        Assert.Contains("expected three numbers: seed,gamma,size", refused.Message, StringComparison.Ordinal);
    }

    private sealed class NeverReadyConformance(IReadOnlyList<ExpectedFailure> expected) : EncodingConformance
    {
        protected override Encoding Encoding => BrokenEncodings.NeverReady.With();

        protected override IReadOnlyList<ExpectedFailure> ExpectedFailures => expected;
    }
}
