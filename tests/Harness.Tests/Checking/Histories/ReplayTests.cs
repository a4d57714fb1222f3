using System.Collections.Immutable;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Foundation;

namespace UapiLab.Harness.Tests.Checking.Histories;

/// <summary>A trace that was changed by hand, or that belongs to something else, is refused at the step where it goes
/// wrong.</summary>
public sealed class ReplayTests
{
    [Fact]
    public void A_part_is_a_history_of_its_own()
    {
        var (encoding, history) = FoundHistories.Get("clear-at-exit");

        var part = Replay.Run("h.json", history, encoding, 12);

        Assert.Equal(12, part.Steps.Count);
        Assert.Equal(0, part.InevitableFrom);
        Assert.Empty(part.Waiting);
        Assert.Equal(HistoryJson.Write(part),
            HistoryJson.Write(HistoryReader.Read("h.json",
            System.Text.Encoding.UTF8.GetBytes(HistoryJson.Write(part)))));
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(2)]
    public void An_answer_out_of_bounds_is_refused_before_it_does_harm(int answer)
    {
        var (_, history) = FoundHistories.Get("clear-at-exit");
        var step = history.Steps.First(s => s.Scheduled.Choices.Length > 0);

        Assert.Contains("choices are not those that the step asks for",
            Fails(With(step, [.. step.Scheduled.Choices.Select(_ => answer + 5)])), StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_too_many_or_too_few_is_refused()
    {
        var (_, history) = FoundHistories.Get("clear-at-exit");
        var step = history.Steps.First(s => s.Scheduled.Choices.Length > 0);

        Assert.Contains("choices are not those", Fails(With(step, [.. step.Scheduled.Choices, 0])),
            StringComparison.Ordinal);
        Assert.Contains("choices are not those", Fails(With(step, [])), StringComparison.Ordinal);
    }

    [Fact]
    public void Signals_and_commits_that_cannot_be_are_refused()
    {
        var step = FoundHistories.Get("clear-at-exit").History.Steps[0];

        Assert.Contains("no such store is buffered",
            Fails(step with { Scheduled = new(StepKind.Commit, step.Scheduled.Actor, [0]) }), StringComparison.Ordinal);
        Assert.Contains("no signal can reach",
            Fails(step with { Scheduled = new(StepKind.Signal, step.Scheduled.Actor, []) }), StringComparison.Ordinal);
        Assert.Contains("no signal can reach", Fails(step with { Scheduled = new(StepKind.Signal, 1_000, []) }),
            StringComparison.Ordinal);
        Assert.Contains("can take no step", Fails(step with { Scheduled = step.Scheduled with { Actor = 1_000 } }),
            StringComparison.Ordinal);
    }

    private static HistoryStep With(HistoryStep step, ImmutableArray<int> choices) =>
        step with { Scheduled = step.Scheduled with { Choices = choices } };

    /// <summary>The message for the history with one step replaced.</summary>
    private static string Fails(HistoryStep changed)
    {
        var (encoding, history) = FoundHistories.Get("clear-at-exit");
        var steps = history.Steps.Select(s => s.Number == changed.Number ? changed : s).ToArray();
        var message =
            Assert.Throws<InputException>(() => Replay.Run("h.json", history with { Steps = steps }, encoding)).Message;
        Assert.StartsWith($"h.json, step {changed.Number}:", message, StringComparison.Ordinal);
        return message;
    }
}
