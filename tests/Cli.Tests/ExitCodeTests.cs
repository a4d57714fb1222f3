using UapiLab.Cli.Compare;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Simulation;

namespace UapiLab.Cli.Tests;

public sealed class ExitCodeTests
{
    private static readonly ComparisonReport s_fine = new()
    {
        Command = "test",
        Seed = 1,
        Seeds = [1],
        Encodings = [],
        Workloads = [],
        Costs = CostTable.Default,
    };

    [Fact]
    public void Nothing_wrong_is_0_without_a_word() => Expect(0, "", s_fine);

    [Fact]
    public void An_error_of_the_lab_is_4_before_anything_else() =>
        Expect(4, "internal error: x", s_fine with { InternalErrors = ["x"], InputErrors = ["y"], Incomplete = "z" });

    [Fact]
    public void Wrong_input_found_late_is_2() => Expect(2, "y", s_fine with { InputErrors = ["y"], Incomplete = "z" });

    [Fact]
    public void An_interruption_is_3() => Expect(3, "z", s_fine with { Incomplete = "z" });

    private static void Expect(int code, string why, ComparisonReport report)
    {
        var error = new StringWriter();

        Assert.Equal(code, CompareJob.Verdict(error, report));
        Assert.Equal(why.Length == 0 ? "" : $"uapilab: {why}\n", error.ToString());
    }
}
