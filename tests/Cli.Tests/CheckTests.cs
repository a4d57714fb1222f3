using UapiLab.Tests;
using Xunit;

namespace UapiLab.Cli.Tests;

/// <summary><c>check</c> and <c>replay</c> from the outside: exit codes, output, one clear line for bad
/// input.</summary>
public sealed class CheckTests
{
    [Fact]
    public async Task A_sound_encoding_exits_zero_and_says_what_was_covered()
    {
        var run = await CommandLine.Run("check", "never-async", "--quick", "--threads", "1");
        Assert.Equal(0, run.Exit);
        Assert.Contains("exhausted", run.Out, StringComparison.Ordinal);
        Assert.Contains("lost-wakeup       holds", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_quick_properties_of_the_kit_come_first()
    {
        var folder = Directory.CreateTempSubdirectory("uapilab-check").FullName;
        try
        {
            var right = await CommandLine.Run("check", "never-async", "--max-states", "10", "--out", folder);
            Assert.StartsWith("kit: 6 quick properties of never-async hold; all of them: uapilab test never-async\n\n"
                + "never-async on re-arm-early\n", right.Out, StringComparison.Ordinal);

            var wrong = await CommandLine.Run(
                "check", "single-bit:variant=as-posted", "--max-states", "10", "--out", folder);
            Assert.Equal((ExitCode.Violation, ""), (wrong.Exit, wrong.Error));
            Assert.StartsWith("kit: single-bit:variant=as-posted: reserved-is-refused does not hold: locking: ",
                wrong.Out, StringComparison.Ordinal);
            Assert.Contains(" single-bit:variant=as-posted is broken: reserved-is-refused of the conformance kit.",
                wrong.Out.ReplaceLineEndings(" "), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Misuse_begins_with_the_answer_and_writes_the_histories()
    {
        var folder = Directory.CreateTempSubdirectory("uapilab-check").FullName;
        try
        {
            var run = await CommandLine.Run("check", "never-async", "--misuse", "--threads", "2", "--out", folder);
            Assert.Equal((0, ""), (run.Exit, run.Error));
            Assert.Matches("^[0-9]+ of [0-9]+ mistakes hang or corrupt the guest, or harm KVM, with", run.Out);
            Assert.Contains("\nhangs the guest: ", run.Out, StringComparison.Ordinal);
            Assert.Contains("\nThe careful VMM: one-task holds (", run.Out, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(folder, "never-async-misuse-new-bitmap-unpopulated-read.md")));
            Assert.Contains("Which mistakes of a VMM lose its guest",
                await File.ReadAllTextAsync(Path.Combine(folder, "report.html"), TestContext.Current.CancellationToken),
                StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_broken_one_exits_one_and_its_trace_replays()
    {
        var directory = Directory.CreateTempSubdirectory("uapilab-check").FullName;
        try
        {
            var run = await CommandLine.Run("check", "single-bit:variant=as-posted", "--instance", "careless:vcpus=1",
                "--threads", "2", "--out", directory);
            Assert.Equal(1, run.Exit);
            Assert.Contains("unmatched-ready   BROKEN", run.Out, StringComparison.Ordinal);
            Assert.Null(Quotation.Misfit(SampleOfTheReadme(), run.Out));
            var trace = Assert.Single(Directory.GetFiles(directory, "*.trace.json"));
            Assert.Equal(0, (await CommandLine.Run("replay", trace, "--twice")).Exit);
            Assert.All(File.ReadLines(Directory.GetFiles(directory, "*.mail.txt")[0]),
                line => Assert.True(line.Length <= 72));

            var text = await File.ReadAllTextAsync(trace, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(trace, text[..(text.Length / 2)], TestContext.Current.CancellationToken);
            await IsBadInput("replay", trace);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>The output below the first line, which is the command.</summary>
    private static string[] SampleOfTheReadme()
    {
        var readme = File.ReadAllText(Path.Combine(GeneratedDoc.Root(), "README.md"));
        var sample = Assert.Single(readme.Split("```\n"),
            block => block.StartsWith("$ … check", StringComparison.Ordinal)).TrimEnd().Split('\n');
        Assert.Equal("$ … check single-bit:variant=as-posted --instance careless:vcpus=1", sample[0]);
        return sample[1..];
    }

    [Fact]
    public async Task A_bound_exits_three() =>
        Assert.Equal(3, (await CommandLine.Run("check", "never-async", "--quick", "--max-states", "10")).Exit);

    [Theory]
    [InlineData("check")]
    [InlineData("check", "no-such-encoding")]
    [InlineData("check", "single-bit", "--property", "no-such-property")]
    [InlineData("check", "single-bit", "--instance", "no-such-instance")]
    [InlineData("check", "single-bit", "--vcpus", "0")]
    [InlineData("check", "single-bit", "--quick", "--vcpus", "2")]
    [InlineData("check", "single-bit", "--memory", "pso")]
    [InlineData("check", "single-bit", "--kernel", "6.6")]
    [InlineData("check", "single-bit", "--kernel", "6.12", "--instance", "restore-area-gmem-mmap")]
    [InlineData("check", "single-bit", "--kernel", "6.17", "--instance", "restore-area-gmem")]
    [InlineData("replay", "no-such-file.trace.json")]
    public Task Bad_input_is_one_line(params string[] args) => IsBadInput(args);

    private static async Task IsBadInput(params string[] args)
    {
        var run = await CommandLine.Run(args);
        Assert.Equal(2, run.Exit);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
