using UapiLab.Harness.Checking.Histories;

namespace UapiLab.Harness.Tests.Checking.Histories;

/// <summary>Found histories are put into an order that is easier to follow, and are still what was found.</summary>
public sealed class TidyingTests
{
    public static TheoryData<string> Names => FoundHistories.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Between_two_steps_of_an_actor_somebody_else_is_needed(string name)
    {
        var history = FoundHistories.Get(name).History;
        var switches = FewestSwitches.Count([.. history.Steps.Select(s => s.Scheduled.Actor)]);

        Assert.True(switches <= 12, $"{switches} switches in {history.Steps.Count} steps");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_marker_stands_within_the_history(string name)
    {
        var history = FoundHistories.Get(name).History;

        Assert.InRange(history.InevitableFrom, 0, history.Steps.Count);
    }

    [Fact]
    public void A_bit_cleared_too_early_can_be_made_up_for_until_the_page_is_used()
    {
        var history = FoundHistories.Get("clear-at-exit").History;

        // the other vCPU may place the content at any time before
        Assert.Equal(history.Steps.Count, history.InevitableFrom);
    }
}
