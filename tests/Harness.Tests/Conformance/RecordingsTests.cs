using UapiLab.Harness.Conformance;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>Every recording of a real kernel is a run of the machine, and of no other machine.</summary>
public sealed class RecordingsTests
{
    public static TheoryData<string> Names => new(Recording.All.Select(r => r.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_accepted(string name)
    {
        var report = Recording.Of(name).Check();
        Assert.True(report.Verdict == ConformVerdict.Accepted, $"{report.Rejection}");
        Assert.Empty(report.UnknownEvents);
        Assert.True(report.Explained > report.Events / 2, $"{report.Explained} of {report.Events}");
        Assert.InRange(report.Width, 1, 8);
    }

    [Theory]
    [InlineData("uf-ic-u2_cap_sync", "single-bit:apf=off")] // an APF from an interface that has none
    [InlineData("uf-ic-u1_sync_nocap", "async-hint:inject=at-fault")] // exits without the APF that could be started
    [InlineData("uf-ic-u1_sync_nocap", null)] // stock KVM has no such exit
    [InlineData("uf-ic-u3_async", null)]
    [InlineData("k6.12-s1_apf_on", "async-hint:inject=at-fault")] // an APF without an exit
    [InlineData("uf-mt-u10_exitless", "async-hint:inject=at-fault")] // an injection without an exit
    [InlineData("uf-mt-u11_limit64", "single-bit:apf=off")]
    [InlineData("uf-ic-u3_async", "exitless")] // an exit where the ring has room
    public void Is_rejected_by_another_machine(string name, string? encoding)
    {
        var report = (Recording.Of(name) with { Encoding = encoding }).Check();
        Assert.Equal(ConformVerdict.Rejected, report.Verdict);
    }

    [Theory]
    [InlineData("k6.12-s4_2vcpu", 2)]
    [InlineData("k6.12-s1_apf_on", 1)]
    public void The_vcpus_are_counted(string name, int vcpus) => Assert.Equal(vcpus, Recording.Of(name).Check().Vcpus);

    public static TheoryData<string> Kinds => new(TraceConformance.StrictEvents);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_not_recorded_is_listed_and_not_missed(string kind)
    {
        foreach (var name in new[] { "k6.12-s10_retouch", "k6.12-s2_apf_off", "k6.12-s4_2vcpu", "k7.3-s4_2vcpu",
            "uf-ic-u3_async", "uf-mt-u9_2vcpu", "uf-ic-u1_sync_nocap" })
        {
            var recording = Recording.Of(name);
            var report = recording.Check(recording.Lines().Where(line => Recording.EventOf(line) != kind));
            Assert.True(report.Verdict == ConformVerdict.Accepted,
                $"{name} without {kind}: {report.Bound}{report.Rejection}");
            Assert.Contains(kind, report.Unobserved);
        }
    }
}
