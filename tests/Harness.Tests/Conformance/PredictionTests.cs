using UapiLab.Encodings;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Conformance.Scenarios;
using UapiLab.Harness.Registry;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>The simulator runs the scenario of a recording and counts what the recording counts.</summary>
public sealed class PredictionTests
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    [Theory]
    [InlineData("k6.12-s1_apf_on")]
    [InlineData("k6.12-s2_apf_off")]
    [InlineData("k6.12-s4_2vcpu")]
    [InlineData("k6.12-s5a_cpl0_nosend")]
    [InlineData("k6.12-s5b_cpl0_if0")]
    [InlineData("k6.12-s10_retouch")]
    [InlineData("k6.12-s13_cap64")]
    [InlineData("uf-ic-u1_sync_nocap")]
    [InlineData("uf-ic-u2_cap_sync")]
    [InlineData("uf-ic-u3_async")]
    public void What_was_recorded_is_within_what_is_simulated(string name)
    {
        var recording = Recording.Of(name);
        var report = recording.Check();
        var (counts, whyNot) = Predict(report, recording);
        Assert.Equal("", whyNot);
        Assert.Equal(0, report.Missing);
        Assert.All(counts.Where(c => !report.Unobserved.Contains(c.Event)), c =>
            Assert.True(report.ExplainedEvents.GetValueOrDefault(c.Event) is var n && n >= c.Low
                && n <= c.High, $"{c.Event}: {n} recorded, {c.Low} to {c.High} simulated"));
        Assert.Contains(counts, c => c.Low == c.High && c.Low > 0);
    }

    [Fact]
    public void Another_scenario_is_not_within_it()
    {
        var report = Recording.Of("k6.12-s1_apf_on").Check();
        var other = report with { Parameters = new Dictionary<string, string>(report.Parameters) { ["pages"] = "63" } };
        Assert.DoesNotContain(Predict(other, Recording.Of("k6.12-s1_apf_on")).Counts,
            c => c.Event == "kvm_async_pf_not_present" && c.High >= 64);
    }

    [Fact]
    public void What_is_not_simulated_is_said()
    {
        var recording = Recording.Of("k6.12-s12_dontneed");
        var (counts, whyNot) = Predict(recording.Check(), recording);
        Assert.Empty(counts);
        Assert.Equal("not simulated: passes=4", whyNot);
    }

    private static (IReadOnlyList<PredictedCount> Counts, string WhyNot) Predict(ConformReport report,
        Recording recording) =>
        ScenarioPrediction.Run(report.Scenarios[0], report.Parameters,
            s_registry.Resolve(recording.Encoding ?? "kernel-apf"));
}
