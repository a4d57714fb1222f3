using System.Globalization;
using UapiLab.Cli.Live;
using UapiLab.Live;
using UapiLab.Live.Os;

namespace UapiLab.Cli.Tests;

/// <summary>What is run on the kernel and simulated beside it. No time is asserted.</summary>
public sealed class LiveTests
{
    [Fact]
    public async Task Every_fault_that_is_simulated_is_met()
    {
        Assert.SkipUnless(Userfaultfd.Complaint() is null, "no userfaultfd here");
        var outcome = await CommandLine.Run("live", "userfaultfd", "--pages", "20", "--runs", "2");
        var rows = outcome.Out.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(cells => cells.Length > 4 && int.TryParse(cells[0], CultureInfo.InvariantCulture, out _)).ToArray();

        Assert.Equal((0, ""), (outcome.Exit, outcome.Error));
        Assert.StartsWith("The median touch ", outcome.Out, StringComparison.Ordinal);
        Assert.Equal(["1", "2", "4"], rows.Select(r => r[0]).Distinct());
        Assert.Equal(["20 20 1.00", "40 40 1.00", "80 80 1.00"],
            rows.Where(r => r[1] == "faults").Select(r => string.Join(' ', r[2..])));
        Assert.All(rows.Where(r => r[1] != "no"),
            r => Assert.True(double.Parse(r[^1], CultureInfo.InvariantCulture) > 0));
    }

    [Fact]
    public void A_ratio_is_measured_over_simulated_and_shared_cores_are_named()
    {
        var host = new Host(new([0, 1], [0, 1]));
        LiveFigures Figures(double ns) => new(ns, 400, ns / 400, ns / 200, 0);
        var text = LiveText.Write(host,
            [new(1, Figures(3_000_000), Figures(2_000_000)), new(2, Figures(1_000_000), Figures(4_000_000))], 500);

        Assert.StartsWith("The median touch of a page over userfaultfd takes 1.50 times what the simulator predicts "
            + "with one thread, 0.25 with 2, on ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("busy", text, StringComparison.Ordinal);
        Assert.Contains("There are 2 cores: with 2 threads some share a core", text, StringComparison.Ordinal);
        Assert.Contains("The machine is busy", LiveText.Write(host, [new(1, Figures(1_000) with { WaitedNs = 101 },
            Figures(1_000))], 500), StringComparison.Ordinal);
        Assert.Contains("      1  latency p50       7.5us        5us   1.50", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("live")]
    [InlineData("live", "single-bit")]
    [InlineData("live", "userfaultfd", "--pages", "0")]
    [InlineData("live", "userfaultfd", "--costs", "no-such-file")]
    public async Task What_it_cannot_run_is_one_line_and_exit_2(params string[] args)
    {
        var outcome = await CommandLine.Run(args);

        Assert.Equal((2, ""), (outcome.Exit, outcome.Out));
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }
}
