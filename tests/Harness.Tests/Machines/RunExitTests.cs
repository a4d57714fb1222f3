using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>The table of exits: every verdict of a KVM half that leaves KVM_RUN has a row, and every row a
/// text.</summary>
public sealed class RunExitTests
{
    [Fact]
    public void A_verdict_that_leaves_KVM_RUN_is_one_exit() => Assert.Equal(
        Enum.GetValues<FaultVerdict>().Except([FaultVerdict.Map, FaultVerdict.MapReadOnly, FaultVerdict.Retry]),
        Enum.GetValues<RunExit>().Select(exit => exit.Row().Verdict).OfType<FaultVerdict>().Order());

    [Theory]
    [InlineData("reason restart (4)", "Signal")]
    [InlineData("reason error (14)", "Fault")]
    [InlineData("reason error (5)", "Error")]
    [InlineData("reason KVM_EXIT_IO (2)", null)]
    [InlineData("reason", null)]
    public void A_trace_names_the_exit(string text, string? exit) =>
        Assert.Equal(exit, RunExits.Traced(System.Text.Encoding.ASCII.GetBytes(text))?.ToString());
}
