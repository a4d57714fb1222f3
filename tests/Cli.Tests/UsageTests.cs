namespace UapiLab.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("no-such-command")]
    [InlineData("compare", "--seed", "many")]
    [InlineData("compare", "--seeds", "0")]
    [InlineData("compare", "--threads", "-1")]
    [InlineData("compare", "--no-such-option")]
    [InlineData("compare", "no-such-encoding")]
    [InlineData("compare", "single-bit:apf=maybe")]
    [InlineData("compare", "--workload", "no-such-workload")]
    [InlineData("compare", "--workload", "mixed:sync=2")]
    [InlineData("compare", "--policy", "soon")]
    [InlineData("compare", "--costs", "no-such-file")]
    [InlineData("compare", "--trace", "no-such-file")]
    [InlineData("compare", "--trace-options", "no-such-option=1", "--trace", "x")]
    [InlineData("compare", "--proposals", "no-such-folder")]
    [InlineData("concerns", "single-bit", "C99")]
    [InlineData("proposals", "verify", "--proposals", "no-such-folder")]
    [InlineData("completion", "tcsh")]
    [InlineData("bench", "no-such-encoding")]
    [InlineData("bench", "single-bit", "--cc", "no-such-compiler")]
    [InlineData("bench", "single-bit", "--cc", "false")]
    [InlineData("bench", "single-bit", "--pairs", "0")]
    [InlineData("bench", "--plugin", "no-such-file")]
    [InlineData]
    public async Task Bad_usage_is_one_line_on_standard_error_and_exit_2(params string[] args)
    {
        var outcome = await CommandLine.Run(args);

        Assert.Equal(2, outcome.Exit);
        Assert.Empty(outcome.Out);
        Assert.StartsWith("uapilab: ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(outcome.Error.Length - 1, outcome.Error.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_option_is_named_and_told_from_an_encoding()
    {
        var outcome = await CommandLine.Run("compare", "--no-such-option");

        Assert.Contains("--no-such-option: unknown option", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("compare")]
    [InlineData("list")]
    [InlineData("completion")]
    public async Task Help_goes_to_standard_output_with_examples(params string[] command)
    {
        var outcome = await CommandLine.Run([.. command, "--help"]);

        Assert.Equal(0, outcome.Exit);
        Assert.Contains("Usage:", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  uapilab ", outcome.Out, StringComparison.Ordinal);
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public void Every_example_is_a_command_line_that_parses()
    {
        var root = Commands.CommandTree.Build(Terminal.Plain(TextWriter.Null, TextWriter.Null));

        foreach (var example in root.Subcommands.OfType<Commands.ExampleCommand>().SelectMany(c => c.Examples))
        {
            var words = example.Split(" | ")[0].Split(" > ")[0];
            Assert.Empty(root.Parse(words).Errors);
        }
    }
}
