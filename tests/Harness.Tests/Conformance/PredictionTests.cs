using UapiLab.Encodings;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Conformance.Scenarios;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation.Traces;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>The simulator runs the scenario of a recording and counts what the recording counts.</summary>
public sealed class PredictionTests
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    [Theory]
    [InlineData("k6.12-s1_apf_on")]
    [InlineData("k6.12-s2_apf_off")]
    [InlineData("k6.12-s3_lat0")]
    [InlineData("k6.12-s4_2vcpu")]
    [InlineData("k6.12-s5a_cpl0_nosend")]
    [InlineData("k6.12-s5b_cpl0_if0", "kvm_exit, write of the ACK MSR")] // the simulated guest takes the wake-all first
    [InlineData("k6.12-s10_retouch")]
    [InlineData("k6.12-s13_cap64")]
    [InlineData("k7.3-s4_2vcpu")]
    [InlineData("uf-ic-u1_sync_nocap")]
    [InlineData("uf-ic-u2_cap_sync")]
    [InlineData("uf-ic-u3_async")]
    public void What_was_recorded_is_within_what_is_simulated(string name, params string[] except)
    {
        var comparison = Predict(Recording.Of(name), _ => { });
        Assert.Equal("", comparison.WhyNot);
        Assert.DoesNotContain(comparison.Numbers, n => n.Verdict == PredictedVerdict.HasGaps);
        Assert.Equal(except, comparison.Numbers.Where(n => n.Verdict == PredictedVerdict.Differs).Select(n => n.Name));
        Assert.Contains(comparison.Numbers, n => n.Verdict == PredictedVerdict.Agrees && n.Low == n.High && n.Low > 0);
        Assert.StartsWith(except.Length == 0 ? "as predicted: " : "not as predicted: 1 of ", comparison.Answer,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pages", "63", "kvm_async_pf_not_present")]
    [InlineData("tasks", "4", "APFs outstanding, most of a vCPU")]
    [InlineData("lat_us", "100000", "set-up to ready / lat_us, median")]
    [InlineData("retouch", "1", "kvm_try_async_get_page")]
    public void Another_scenario_is_not_within_it(string parameter, string value, string differs)
    {
        var comparison = Predict(Recording.Of("k6.12-s1_apf_on"), parameters => parameters[parameter] = value);
        Assert.Contains(comparison.Numbers, n => n.Name == differs && n.Verdict == PredictedVerdict.Differs);
        Assert.StartsWith("not as predicted: ", comparison.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_simulated_is_said()
    {
        var comparison = Predict(Recording.Of("k6.12-s12_dontneed"), _ => { });
        Assert.Empty(comparison.Numbers);
        Assert.Equal("not predicted: not simulated: passes=4", comparison.Answer);
    }

    private static ScenarioComparison Predict(Recording recording, Action<Dictionary<string, string>> change)
    {
        var report = recording.Check();
        var parameters = new Dictionary<string, string>(report.Parameters);
        change(parameters);
        using var file = TraceFile.Open(recording.Path, TestContext.Current.CancellationToken);
        return ScenarioPrediction.Run(file, report with { Parameters = parameters },
            s_registry.Resolve(recording.Encoding ?? "kernel-apf"));
    }
}
