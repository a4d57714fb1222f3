using System.Diagnostics;

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
        var script = (await CommandLine.Run("completion", "bash")).Out;
        Process? process;
        try
        {
            process = Process.Start(new ProcessStartInfo("bash", ["-n"]) { RedirectStandardInput = true, RedirectStandardError = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("bash is not installed");
            return;
        }

        await process!.StandardInput.WriteAsync(script);
        process.StandardInput.Close();
        var complaint = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, complaint);
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
