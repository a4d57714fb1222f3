using UapiLab.Harness.Foundation.Specs;

namespace UapiLab.Harness.Tests.Foundation.Specs;

public sealed class UnknownTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("singel-bit", "single-bit", 1)]
    [InlineData("abc", "ca", 3)]
    public void Edits_are_counted(string a, string b, int expected)
    {
        Assert.Equal(expected, Unknown.EditDistance(a, b));
        Assert.Equal(expected, Unknown.EditDistance(b, a));
    }

    [Theory]
    [InlineData("singel-bit", "single-bit")]
    [InlineData("multibit", "multi-bit")]
    [InlineData("ring", null)]
    [InlineData("", null)]
    public void Only_a_slip_of_the_hand_is_corrected(string word, string? expected) =>
        Assert.Equal(expected, Unknown.Nearest(word, ["oracle", "single-bit", "multi-bit"]));

    [Fact]
    public void Nothing_is_near_where_nothing_is_allowed() =>
        Assert.Equal("here: unknown option 'x', expected none at all", Unknown.Word("here", "option", "x", []).Message);
}
