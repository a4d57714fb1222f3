using System.Diagnostics;

namespace UapiLab.Cli.Tests;

/// <summary>A file that somebody has stays what it is: commands replace what they wrote themselves, and nothing that
/// the command line also reads.</summary>
public sealed class KeptFilesTests : IDisposable
{
    private const string Mine = "mine: uapilab-407 BEGIN\n";

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Theory]
    [InlineData("--write-trace", "run", "single-bit", "all-sync:pages=2")]
    [InlineData("--reduce", "conform")]
    public async Task A_trace_of_somebody_else_is_not_replaced_and_an_older_one_of_ours_is(
        string option, params string[] command)
    {
        string[] words = command is ["conform"] ? [.. command, _line.Write("bad.trace", ConformTests.Bad)] : command;
        string mine = _line.Write("mine.trace", Mine);
        CommandLine.Outcome refused = await CommandLine.Run([.. words, option, mine]);
        Assert.Equal((2, "", $"uapilab: {option} {mine}: expected a file that uapilab wrote, or none\n"),
            (refused.Exit, refused.Out, refused.Error));
        Assert.Equal(Mine, await File.ReadAllTextAsync(mine, TestContext.Current.CancellationToken));

        string ours = _line.Path("ours.trace");
        CommandLine.Outcome[] twice =
            [await CommandLine.Run([.. words, option, ours]), await CommandLine.Run([.. words, option, ours])];
        Assert.DoesNotContain(2, twice.Select(t => t.Exit));
        Assert.StartsWith("# written by uapilab: ",
            await File.ReadAllTextAsync(ours, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.NotEqual(2, (await CommandLine.Run("conform", ours)).Exit);
    }

    /// <summary>Also one that the command wrote once: then its mark says nothing.</summary>
    [Theory]
    [InlineData("itself")]
    [InlineData("-s")]
    [InlineData("-P")]
    public async Task What_is_read_is_never_written_over_by_whatever_name(string link)
    {
        string trace = _line.Path("bad.trace"), other = link == "itself" ? trace : _line.Path("other.trace");
        await CommandLine.Run("conform", _line.Write("first.trace", ConformTests.Bad), "--reduce", trace, "--quiet");
        string before = await File.ReadAllTextAsync(trace, TestContext.Current.CancellationToken);
        if (link != "itself")
        {
            using Process ln = Process.Start("ln", [link, trace, other]);
            await ln.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        foreach (string option in (string[])["--reduce", "--html"])
        {
            CommandLine.Outcome refused = await CommandLine.Run("conform", trace, option, other);
            Assert.Equal((2, "", $"uapilab: {option} {other}: expected another file than {trace}, which the command "
                + "line names too\n"), (refused.Exit, refused.Out, refused.Error));
        }

        Assert.Equal(before, await File.ReadAllTextAsync(trace, TestContext.Current.CancellationToken));
        Assert.Equal(before, await File.ReadAllTextAsync(other, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_copy_is_another_file()
    {
        string trace = _line.Path("bad.trace"), copy = _line.Path("copy.trace");
        await CommandLine.Run("conform", _line.Write("first.trace", ConformTests.Bad), "--reduce", trace, "--quiet");
        File.Copy(trace, copy);
        await File.AppendAllTextAsync(copy, "# not it\n", TestContext.Current.CancellationToken);

        Assert.Equal(1, (await CommandLine.Run("conform", trace, "--reduce", copy, "--quiet")).Exit);
    }
}
