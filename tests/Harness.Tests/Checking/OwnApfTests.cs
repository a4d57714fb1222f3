using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>KVM's own APFs beside an encoding's, in one queue (rule K6).</summary>
public sealed class OwnApfTests
{
    private static readonly CheckInstance s_twoTasks = CheckInstance.Resolve("own-apf:tasks=2,queue-limit=1");

    [Theory]
    [InlineData("never-async")]
    [InlineData("single-bit")]
    [InlineData("multi-bit")]
    [InlineData("async-hint")]
    [InlineData("async-hint:inject=at-fault")]
    public void One_queue_does_for_both(string encoding) => Assert.Empty(Broken(Run(encoding, s_twoTasks)));

    [Fact]
    public void An_apf_of_kvms_own_takes_the_encodings_place()
    {
        var seen = Run("single-bit", s_twoTasks).Result.Properties.Where(p => p.Verdict == PropertyVerdict.Seen)
            .Select(p => p.Property.Name).ToArray();
        Assert.Contains("queue-full", seen);
        Assert.Contains("ready-delivered", seen);
    }

    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint:inject=at-fault")]
    public void An_apf_of_kvms_own_that_does_not_count_is_found(string encoding) => Assert.Contains("queue-limit",
        Broken(Run(encoding, s_twoTasks with { Broken = Rules.K6SharesQueue })));

    [Fact]
    public void Parameters_say_so()
    {
        var read = CheckInstance.Parse("file", CheckInstance.OwnApf.Parameters);
        Assert.Equal(CheckInstance.OwnApf.Parameters, read.Parameters);
        Assert.True(read.HasOwnApf);
    }

    private static string[] Broken(CheckOutcome outcome)
    {
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        return [.. outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken)
            .Select(p => p.Property.Name)];
    }

    private static CheckOutcome Run(string encoding, CheckInstance instance) =>
        Checker.Run(new EncodingRegistry(BuiltInEncodings.All).Resolve(encoding), instance,
            new() { Threads = 2, MaxStates = 500_000, StopAtFirst = false });
}
