using FsCheck;
using FsCheck.Fluent;
using UapiLab.Harness.Checking.Histories;

namespace UapiLab.Harness.Tests.Checking.Histories;

public sealed class FewestSwitchesTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("0", 0)]
    [InlineData("00110", 2)]
    [InlineData("0101", 3)]
    public void Counts(string schedule, int switches) =>
        Assert.Equal(switches, FewestSwitches.Count(Schedule(schedule)));

    [Theory]
    [InlineData("010101", "000111")]
    [InlineData("0120", "0012")]
    [InlineData("", "")]
    [InlineData("0011", "0011")]
    public void Without_constraints_each_actor_has_one_block(string schedule, string expected) =>
        Assert.Equal(expected, Text(FewestSwitches.Reduce(Schedule(schedule), _ => true)));

    [Fact]
    public void What_stands_between_may_go_to_both_sides()
    {
        // 1 must come before the second 0, and 2 after the first: only 1 0 0 2 is left.
        var reduced = FewestSwitches.Reduce(Schedule("0120"), s => Text(s) is "0120" or "1002");

        Assert.Equal("1002", Text(reduced));
    }

    [Fact]
    public void A_race_that_needs_its_switches_keeps_them() =>
        Assert.Equal("0101", Text(FewestSwitches.Reduce(Schedule("0101"), s => Text(s) == "0101")));

    [Fact]
    public void A_lost_update_keeps_the_two_switches_it_needs()
    {
        // Each actor: load, compute, compute, store. The update is lost if both load before either stores.
        static bool IsLost(IReadOnlyList<int> schedule)
        {
            var done = new int[2];
            var loaded = new int[2];
            var word = 0;
            foreach (var actor in schedule)
            {
                loaded[actor] = done[actor] == 0 ? word : loaded[actor];
                word = done[actor] == 3 ? loaded[actor] + 1 : word;
                done[actor]++;
            }

            return word == 1;
        }

        var reduced = FewestSwitches.Reduce(Schedule("01010101"), IsLost);

        Assert.Equal(2, FewestSwitches.Count(reduced));
        Assert.True(IsLost(reduced));
    }

    [Fact]
    public void It_stops_when_it_may_not_ask_any_more()
    {
        var asked = 0;
        var reduced = FewestSwitches.Reduce(Schedule("0102010201"), _ => ++asked < 0, replays: 5);

        Assert.Equal("0102010201", Text(reduced));
        Assert.Equal(5, asked);
    }

    [FsCheck.Xunit.Property(MaxTest = 200)]
    public Property Never_longer_never_more_switches_and_always_verified()
    {
        var schedules = Gen.Choose(0, 2).ListOf().Select(l => l.Take(14).ToArray()).ToArbitrary();
        return Prop.ForAll(schedules, Gen.Choose(0, 1_000).ToArbitrary(), (schedule, salt) =>
        {
            // Any pure predicate will do.
            bool Reproduces(IReadOnlyList<int> s) => s.Select((actor, i) => (actor + 1) * (i + salt)).Sum() % 3 != 0;
            var reduced = FewestSwitches.Reduce(schedule, Reproduces);
            Assert.Equal(schedule.Order(), reduced.Order());
            Assert.True(FewestSwitches.Count(reduced) <= FewestSwitches.Count(schedule));
            Assert.True(reduced.SequenceEqual(schedule) || Reproduces(reduced));
            Assert.Equal(reduced, FewestSwitches.Reduce(schedule, Reproduces));
        });
    }

    private static int[] Schedule(string text) => [.. text.Select(c => c - '0')];

    private static string Text(IReadOnlyList<int> schedule) => string.Concat(schedule);
}
