using UapiLab.Cli.Check;

namespace UapiLab.Cli.Tests;

/// <summary>What is shown on a terminal while something runs, and nowhere else.</summary>
public sealed class ProgressTests : IDisposable
{
    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task A_check_says_how_far_it_is_and_leaves_an_empty_line()
    {
        var shown = new StringWriter();
        await Run(shown, "check", "single-bit", "--instance", "tasks:vcpus=1,tasks=1");

        Assert.Matches(@"^\rsingle-bit on tasks:vcpus=1,tasks=1: [0-9,]+ states, [0-9,]+/s, depth [0-9]+, "
            + "frontier [0-9,]+, [0-9]+ s; no estimate yet", shown.ToString());
        Assert.EndsWith(" \r", shown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Concerns_say_how_many_cells_are_decided()
    {
        var shown = new StringWriter();
        await Run(shown, "concerns", "never-async", "C13");

        Assert.StartsWith("\rconcerns: 0 of 1 cells, C13 of never-async, 0 s; no estimate", shown.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_terminal_nothing_is_shown() =>
        Assert.Equal("", await Run(null, "concerns", "never-async", "C13"));

    [Fact]
    public void What_is_to_come_is_said_once_the_growth_of_levels_falls()
    {
        var progress = new SearchProgress("x", isBreadthFirst: true);
        var states = 0L;
        for (var depth = 1; depth < 12; depth++)
        {
            progress.See(states += 1L << depth, depth);
        }

        Assert.EndsWith("; no estimate yet", progress.Line(states, 11, TimeSpan.FromSeconds(1)),
            StringComparison.Ordinal);
        for (var depth = 12; depth < 20; depth++)
        {
            progress.See(states += 6000 - (200 * depth), depth);
        }

        Assert.Matches(@"; [0-9,]+ to [0-9,]+ states in all, [0-9]+ to [0-9]+ s to come$",
            progress.Line(states, 19, TimeSpan.FromSeconds(1)));
        // A search that begins again knows nothing.
        progress.See(5, 1);
        Assert.EndsWith("; no estimate yet", progress.Line(5, 1, TimeSpan.FromSeconds(1)), StringComparison.Ordinal);
    }

    private async Task<string> Run(StringWriter? shown, params string[] words)
    {
        var error = new StringWriter();
        await Program.RunAsync([.. words, "--out", _line.Path("out")], Terminal.Plain(TextWriter.Null, error, shown),
            null, TestContext.Current.CancellationToken);
        return error.ToString();
    }
}
