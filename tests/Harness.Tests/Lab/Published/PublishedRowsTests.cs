using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab.Published;

namespace UapiLab.Harness.Tests.Lab.Published;

public sealed class PublishedRowsTests
{
    private const string Header = "table,series,vcpus,pages per second,use\n";

    [Fact]
    public void Remarks_and_empty_lines_are_passed_over()
    {
        var rows = PublishedRows.Parse("f.csv", "# a remark\n\n" + Header
            + "t,s,2,1000,fit\r\n# another\nt,s,4,1500,predict\n");

        Assert.Equal([new PublishedRow("t", "s", 2, 1_000, true), new PublishedRow("t", "s", 4, 1_500, false)], rows);
    }

    [Theory]
    [InlineData("", "f.csv: expected the header")]
    [InlineData("# only a remark\n", "f.csv: expected the header")]
    [InlineData("t,s,2,1000,fit\n", "f.csv:1: expected the header")]
    [InlineData(Header + "t,s,2,1000\n", "f.csv:2: expected table, series")]
    [InlineData(Header + "t,s,0,1000,fit\n", "f.csv:2: expected table, series")]
    [InlineData(Header + "t,s,2,-1,fit\n", "f.csv:2: expected table, series")]
    [InlineData(Header + "#\nt,s,2,1000,guess\n", "f.csv:3: expected table, series")]
    public void What_is_wrong_is_told_with_its_place(string text, string message)
    {
        var wrong = Assert.Throws<InputException>(() => PublishedRows.Parse("f.csv", text));
        Assert.StartsWith(message, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_000, 1_500, true)]
    [InlineData(1_000, 1_501, false)]
    [InlineData(1_500, 1_000, true)]
    [InlineData(1_501, 1_000, false)]
    public void A_row_is_met_within_one_and_a_half_either_way(long published, long simulated, bool met) =>
        Assert.Equal(met, new PublishedOutcome(new("t", "s", 1, published, false), simulated).IsWithin);

    [Theory]
    [InlineData(false, 1)] // of the VM: 4 published, 2 simulated
    [InlineData(true, 0)] // of each vCPU: 4 and 4
    public void Peaks_are_compared_for_the_whole_vm(bool perVcpu, int doublings)
    {
        PublishedOutcome Row(int vcpus, long published, long simulated) =>
            new(new("t", "s", vcpus, published, false), simulated);
        var series = new PublishedSeries("t", "s", null, _ => throw new InvalidOperationException("is not run"),
            perVcpu, []);

        Assert.Equal(doublings,
            new PublishedResult(series, [], [Row(1, 10, 10), Row(2, 20, 30), Row(4, 40, 25)]).PeakOffByDoublings);
    }
}
