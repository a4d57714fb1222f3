using UapiLab.Harness.Lab.Concerns.Sweeps;
using Xunit;

namespace UapiLab.Harness.Tests.Lab.Concerns;

/// <summary>What the search promises of the point that it ends at.</summary>
public sealed class PatternSearchTests
{
    [Fact]
    public void Finds_the_lowest_point_of_a_valley()
    {
        var found = Search(p => Square(p[0] - 3) + Square(p[1] - 1), 8, 5).Downhill([7, 4]);
        Assert.Equal([3, 1], found.Place);
        Assert.Equal(0, found.Value);
    }

    /// <summary>A valley across both parameters: a step in either alone goes up.</summary>
    [Fact]
    public void Steps_in_two_parameters_at_once()
    {
        var search = Search(p => (10 * Square(p[0] - p[1])) + p[0], 6, 6);
        Assert.Equal([5, 5], search.AlongLines([5, 5]).Place);
        Assert.Equal([0, 0], search.Downhill([5, 5]).Place);
    }

    [Fact]
    public void Lines_leap_over_what_steps_do_not()
    {
        var search = Search(p => p[0] == 7 ? 0 : p[0] == 3 ? 9 : 5, 8);
        Assert.Equal([7], search.AlongLines([0]).Place);
        Assert.Equal([0], search.Downhill([0]).Place);
    }

    [Fact]
    public void Evaluates_every_neighbour_of_where_it_ends()
    {
        var asked = new HashSet<string>();
        var search = new PatternSearch([4, 3, 5], p => asked.Add(string.Join(',', p)) ? Rugged(p)
            : throw new InvalidOperationException("asked twice"), () => false);
        var found = search.Downhill([2, 1, 2]);
        Assert.All(search.Neighbours(found.Place), n =>
        {
            Assert.Contains(string.Join(',', n), asked);
            Assert.True(Rugged(n) >= found.Value);
        });
        Assert.Equal(asked.Count, search.Evaluated);
    }

    /// <summary>In the middle of n parameters there are 2 n single steps and 4 for each pair.</summary>
    [Fact]
    public void Neighbours_are_inside()
    {
        Assert.Equal(6 + 12, Search(_ => 0, 3, 3, 3).Neighbours([1, 1, 1]).Count());
        Assert.Equal(3 + 3, Search(_ => 0, 3, 3, 3).Neighbours([0, 0, 0]).Count());
    }

    [Fact]
    public void What_has_no_value_is_never_the_lowest() =>
        Assert.Equal([1], Search(p => p[0] == 0 ? null : p[0], 4).Downhill([3]).Place);

    private static PatternSearch Search(Func<IReadOnlyList<int>, decimal?> value, params int[] sizes) =>
        new(sizes, value, () => false);

    private static decimal Square(int x) => x * x;

    private static decimal Rugged(IReadOnlyList<int> p) => ((p[0] * 7) + (p[1] * 13) + (p[2] * 11)) % 17;
}
