using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Tests.Foundation.Text;

public sealed class EnumTextTests
{
    [Fact]
    public void Words_begin_at_capitals()
    {
        Assert.Equal("holds", PropertyVerdict.Holds.Words());
        Assert.Equal("never seen", PropertyVerdict.NeverSeen.Words());
        Assert.Equal("does not hold", Verdict.DoesNotHold.Words());
    }
}
