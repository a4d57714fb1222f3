using UapiLab.Harness.Checking;
using Xunit;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>The bound on graphs of which one sees what can be saved.</summary>
public sealed class PartialOrderBoundTests
{
    [Fact]
    public void One_order_stands_for_both_of_steps_that_commute() =>
        Assert.Equal((3, 2), Least(new(0, 1, 0), new(0, 2, 1), new(1, 3, 1), new(2, 3, 0)));

    [Fact]
    public void Steps_that_lead_elsewhere_do_not_commute() =>
        Assert.Equal((5, 4), Least(new(0, 1, 0), new(0, 2, 1), new(1, 3, 1), new(2, 4, 0)));

    /// <summary>The first steps commute, and what the other does then does not.</summary>
    [Fact]
    public void What_a_process_does_later_counts() => Assert.Equal((5, 4),
        Least(new(0, 1, 0), new(0, 2, 1), new(1, 3, 1), new(2, 3, 0), new(2, 4, 1), new(3, 5, 1)));

    [Fact]
    public void A_step_that_shows_a_property_is_not_put_off() => Assert.Equal((4, 4),
        Least(new(0, 1, 0, Shows: true), new(0, 2, 1, Shows: true), new(1, 3, 1, Shows: true),
            new(2, 3, 0, Shows: true)));

    private static (int States, int Transitions) Least(params LabelledGraph.Edge[] edges) =>
        new PartialOrderBound(new LabelledGraph(PropertyKind.Always, edges)).Least();
}
