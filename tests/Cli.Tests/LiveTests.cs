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
    public void A_ratio_is_measured_over_simulated_and_a_busy_machine_is_named()
    {
        var host = new Host(new([0, 1], [0, 1]));
        var subject = new LiveUserfaultfd();
        LiveFigures Figures(double ns, double waited = 0) => new([ns, 400, ns / 400, ns / 200, waited]);
        LiveRow Row(int threads, LiveFigures measured, double simulated) => new(
            new("userfaultfd", Invariant($"{threads}"), threads, 0), subject.Metrics, measured, Figures(simulated));
        var text = LiveText.Write(subject, host,
            [Row(1, Figures(3_000_000), 2_000_000), Row(2, Figures(1_000_000), 4_000_000)], 500);

        Assert.StartsWith("The median touch of a page over userfaultfd takes 1.50 times what the simulator predicts "
            + "with one thread, 0.25 with 2, on ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("busy", text, StringComparison.Ordinal);
        Assert.Contains("The machine is busy",
            LiveText.Write(subject, host, [Row(1, Figures(1_000, waited: 101), 1_000)], 500), StringComparison.Ordinal);
        Assert.Contains("      1  latency p50       7.5us        5us   1.50", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_count_that_the_protocol_determines_and_that_differs_is_said_and_is_exit_1()
    {
        var subject = new LiveKernelApf();
        LiveRow Row(string encoding, double elapsed, double notPresents) => new(new(encoding, encoding, 4, 1_000_000),
            subject.Metrics, new([elapsed, 80, notPresents, 81, 240, 12]), new([4_000, 80, 80, 81, 240, null]));
        string Text(double notPresents) => LiveText.Write(subject, new(new([0], [0])),
            [Row("kernel-apf", 1_000, notPresents), Row("userfaultfd", 2_000, 80)], 500);

        Assert.StartsWith("Every count that the protocol determines is the simulator's, on ", Text(80),
            StringComparison.Ordinal);
        Assert.Contains("4 tasks, fetch 1ms: kernel-apf takes 0.50 times as long as userfaultfd; predicted are "
            + "1.00.", Text(80), StringComparison.Ordinal);
        Assert.StartsWith("Counts are not the simulator's: kernel-apf has 79 not-presents where the model has 80, on ",
            Text(79), StringComparison.Ordinal);
        Assert.Equal([2], Row("kernel-apf", 1, 79).Differing);
    }

    /// <summary>It runs, or one line says what is missing: a KVM, a right, or one that enters this guest.</summary>
    [Fact]
    public async Task A_guest_runs_or_one_line_says_why_not()
    {
        var outcome = await CommandLine.Run("live", "kernel-apf", "--pages", "5", "--runs", "1");

        Assert.True(outcome.Exit is 0 or 1
            || (outcome.Exit == 2 && outcome.Error.StartsWith("uapilab: live: expected a ", StringComparison.Ordinal)
                && outcome.Error.TrimEnd().Split('\n').Length == 1), outcome.Error);
    }

    [Fact]
    public async Task Memory_is_restored_from_a_file_by_either_kind_of_fault()
    {
        Assert.SkipUnless(Userfaultfd.Complaint() is null, "no userfaultfd here");
        var outcome = await CommandLine.Run("live", "snapshot-resume", "--pages", "5", "--runs", "2");
        var rows = outcome.Out.Split('\n').Where(l => l.Contains(" faults ", StringComparison.Ordinal))
            .Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

        Assert.Equal((0, ""), (outcome.Exit, outcome.Error));
        Assert.Equal(Userfaultfd.Complaint(ofMinor: true) is null
            ? ["MISSING faults 80 80 1.00", "MINOR faults 80 80 1.00"]
            : ["MISSING faults 80 80 1.00", "MINOR faults - 80 -"], rows);
    }

    /// <summary>Without the kernel: what the model predicts, on whatever machine.</summary>
    [Fact]
    public async Task What_is_only_predicted_has_no_host_and_nothing_measured()
    {
        var outcome = await CommandLine.Run(
            "live", "kernel-apf", "--predict", "--pages", "10", "--fetch", "100us", "--fetch", "10ms");

        Assert.Equal((0, ""), (outcome.Exit, outcome.Error));
        Assert.StartsWith("4 tasks, fetch 100us: kernel-apf is predicted to take ", outcome.Out,
            StringComparison.Ordinal);
        Assert.Matches(@"kernel-apf, 100us  not-presents +- +40 +-\n", outcome.Out);
        Assert.Matches(@"userfaultfd, 10ms  not-presents +- +0 +-\n", outcome.Out);
    }

    /// <summary>What it prints as JSON, for tests of schemas and pages: what is predicted, and what was
    /// measured.</summary>
    internal static async Task<string[]> Json()
    {
        var subject = new LiveKernelApf();
        return [(await CommandLine.Run("live", "kernel-apf", "--predict", "--pages", "10", "--json")).Out,
            LiveJson.Write(subject, new(new([0], [0])), [.. ((string[])["kernel-apf", "userfaultfd"]).Select(encoding =>
                new LiveRow(new(encoding, encoding, 4, 1_000_000), subject.Metrics,
                    new([5_000_000, 80, 80, 81, 240, 12]), new([4_000_000, 80, 80, 81, 240, null])))])];
    }

    [Theory]
    [InlineData("live")]
    [InlineData("live", "kernel-apf", "--fetch", "fast")]
    [InlineData("live", "single-bits")]
    [InlineData("live", "kernel-apf:source=swap")]
    [InlineData("live", "userfaultfd", "--pages", "0")]
    [InlineData("live", "snapshot-resume", "--fetch", "1ms")]
    [InlineData("live", "single-bit", "--pages", "100000")]
    [InlineData("live", "userfaultfd", "--costs", "no-such-file")]
    public async Task What_it_cannot_run_is_one_line_and_exit_2(params string[] args)
    {
        var outcome = await CommandLine.Run(args);

        Assert.Equal((2, ""), (outcome.Exit, outcome.Out));
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }
}
