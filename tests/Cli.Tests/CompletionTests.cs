using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("bash", "complete -o default -F _uapilab uapilab")]
    [InlineData("zsh", "#compdef uapilab")]
    [InlineData("fish", "complete -c uapilab")]
    public async Task A_script_asks_the_program_itself(string shell, string expected)
    {
        var outcome = await CommandLine.Run("completion", shell);

        Assert.Equal(0, outcome.Exit);
        Assert.Contains(expected, outcome.Out, StringComparison.Ordinal);
        Assert.Contains("[suggest:", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bash_understands_its_script()
    {
        Tool.Bash.Require();
        var script = (await CommandLine.Run("completion", "bash")).Out;
        Assert.Equal((0, "", ""), Tool.Run(Path.GetTempPath(), script, "bash", "-n"));
    }

    [Theory]
    [InlineData("uapilab co", "compare")]
    [InlineData("uapilab compare mul", "multi-bit")]
    [InlineData("uapilab compare --workload post", "post-copy")]
    public async Task Suggestions_know_encodings_and_workloads(string line, string expected)
    {
        var outcome = await CommandLine.Run($"[suggest:{line.Length}]", line);

        Assert.Contains(expected, outcome.Out.Split('\n').Select(l => l.Trim()));
    }
}
