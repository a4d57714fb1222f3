using Program = UapiLab.Cli.Program;

namespace UapiLab.Cli.Tests;

public sealed class UsageTests
{
    [Fact]
    public void Unknown_option_is_a_usage_error_on_standard_error_only()
    {
        var output = new StringWriter();
        var error = new StringWriter();

        int exit = Program.Run(["--no-such-option"], output, error);

        Assert.Equal(2, exit);
        Assert.Empty(output.ToString());
        Assert.Contains("--no-such-option", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_goes_to_standard_output_and_succeeds()
    {
        var output = new StringWriter();
        var error = new StringWriter();

        int exit = Program.Run(["--help"], output, error);

        Assert.Equal(0, exit);
        Assert.Contains("Usage:", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(error.ToString());
    }
}
