using System.Reflection;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Simulation.Workloads;

public sealed class SyntheticOptionsTests
{
    [Fact]
    public void No_two_options_have_one_name() =>
        Assert.Equal(SyntheticOptions.All.Count, SyntheticOptions.All.DistinctBy(o => o.Name).Count());

    [Fact]
    public void Every_parameter_has_an_option_and_each_option_its_own()
    {
        var parameters = typeof(SyntheticParameters)
            .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(p => p.CanWrite).ToArray();
        var defaults = new SyntheticParameters();
        var set = SyntheticOptions.All
            .Select(o => o.Read(defaults, new("test", o.Name, Other(o.Name, o.Write(defaults)))))
            .Select(changed => parameters.Single(p => !Equals(p.GetValue(defaults), p.GetValue(changed))).Name);

        Assert.Equal(parameters.Select(p => p.Name).Order(StringComparer.Ordinal), set.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("mix=1,pages=100,fetch=10ms", 1_000_000_000)]
    [InlineData("mix=0.26,pages=100,fetch=10ms", 260_000_000)]
    [InlineData("mix=1,pages=100,fetch=10ms,cpu-tasks=4", 250_000_000)]
    [InlineData("mix=1,pages=100,tasks=2,fetch=10ms", 2_000_000_000)]
    [InlineData("mix=1,pages=100,fetch=10ms,sync=0.5,local=2us", 500_100_000)]
    [InlineData("mix=1,pages=100,fetch=10ms,shared=on,vcpus=4", 250_000_000)]
    [InlineData("mix=0,cpu=3s", 3_000_000_000)]
    public void Computing_follows_the_mix(string options, long cpuTaskNs) =>
        Assert.Equal(cpuTaskNs,
            ((SyntheticWorkload)WorkloadCatalog.BuiltIn.Resolve("mixed-threads:" + options)).Parameters.CpuTaskNs);

    [Fact]
    public void The_largest_parameters_do_not_overflow()
    {
        var parameters = new SyntheticParameters
        {
            Pages = SyntheticLimits.MaxFrames,
            CpuTasks = 1,
            MixPermille = SyntheticLimits.MaxMix * 1_000,
            Fetch = Distribution.ShiftedExponential(Distribution.MaxParameter, Distribution.MaxParameter),
        };

        Assert.Equal(long.MaxValue / 2, parameters.CpuTaskNs);
    }

    /// <summary>A value that is not the default: the options' texts are tried one after the other.</summary>
    private static string Other(string name, string usual)
    {
        string[] candidates = ["7", "0.007", "7us", "on", "off", "recorded", "uffd", "rewalk", "resolve", "memslot"];
        var option = SyntheticOptions.All.Single(o => o.Name == name);
        return candidates.First(text => text != usual && IsRead(option, text));
    }

    private static bool IsRead(ParameterOption<SyntheticParameters> option, string text)
    {
        try
        {
            return option.Read(new(), new("test", option.Name, text)) is not null;
        }
        catch (InputException)
        {
            return false;
        }
    }
}
