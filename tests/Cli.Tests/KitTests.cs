using UapiLab.Tests;
using Xunit;

namespace UapiLab.Cli.Tests;

/// <summary><c>test</c>: the conformance kit from the outside.</summary>
public sealed class KitTests
{
    [Fact]
    public async Task A_right_encoding_keeps_what_was_asked_for()
    {
        var run = await CommandLine.Run("test", "never-async", "--property", "armed-frames-fault", "--property",
            "every-interleaving-careless-vcpu");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.EndsWith("\n\nnever-async keeps 2 of 2 properties of the kit.\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_breaks_one_is_told_where_to_begin()
    {
        var file = Path.Combine(GeneratedDoc.Root(), "tests/data/plugins/inject-under-lock.cs");
        string[] words = ["test", "inject-under-lock", "--plugin", file, "--property", "follows-the-contract"];
        var run = await CommandLine.Run([.. words, "--property", "saves-and-restores"]);
        Assert.Equal((ExitCode.Violation, ""), (run.Exit, run.Error));
        Assert.Contains("follows-the-contract  BROKEN: locking\n", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("\n\ninject-under-lock breaks follows-the-contract. 1 of 2 were not tried (--keep-going).\n",
            run.Out, StringComparison.Ordinal);

        var again = run.Out.Split('\n').Single(l => l.StartsWith("again: ", StringComparison.Ordinal)).Split(' ');
        var replayed = await CommandLine.Run([.. words, .. again[^2..], "--cases", "1"]);
        Assert.Contains("follows-the-contract  BROKEN: locking\n", replayed.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test")]
    [InlineData("test", "never-async", "--property", "no-such-property")]
    [InlineData("test", "never-async", "--property", "follows-the-contract", "--replay", "1,2")]
    public async Task Bad_input_is_one_line(params string[] args)
    {
        var run = await CommandLine.Run(args);
        Assert.Equal(ExitCode.BadInput, run.Exit);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
