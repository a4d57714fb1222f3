using FsCheck.Xunit;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Simulation.Workloads;

public sealed class PolicyTextTests
{
    [Property]
    public void What_is_written_is_read_back(PolicyKind kind, uint waitNs)
    {
        if (Enum.IsDefined(kind))
        {
            var policy = new VmmPolicy(kind, kind == PolicyKind.WaitThenHandOff ? waitNs : 0);

            Assert.True(PolicyText.TryParse(policy.ToString(), out var read));
            Assert.Equal(policy, read);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("wait")]
    [InlineData("wait()")]
    [InlineData("wait(10)")]
    [InlineData("wait(10us")]
    [InlineData("Resolve")]
    [InlineData("wait(9999999s)")]
    public void Other_text_is_rejected(string text) => Assert.False(PolicyText.TryParse(text, out _));
}
