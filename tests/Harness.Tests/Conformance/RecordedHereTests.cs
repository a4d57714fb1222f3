using UapiLab.Harness.Conformance;
using UapiLab.Harness.Tests.Simulation.Traces;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>What <c>record</c> traced of <c>live kernel-apf</c> on Debian's kernel 6.1, as eng/try-kvm.sh does: several
/// guests, none of them with a marker.</summary>
public sealed class RecordedHereTests
{
    private const string Paged = "record/k6.1-live.trace.txt.gz";
    private const string Entry = "a-7 [001] d... 1.000001: kvm_entry: vcpu 0, rip 0x1000\n";

    [Theory]
    [InlineData(Paged)]
    [InlineData("record/k6.1-live_unpaged.trace.txt.gz")] // its guest gets no not-present, since it has no paging
    public void It_is_accepted(string file)
    {
        var report = TraceConformance.Check(TraceData.PathOf(file), new());

        Assert.Equal((ConformVerdict.Accepted, null), (report.Verdict, report.Rejection?.Rule));
        Assert.True(report.Explained > 1_500);
    }

    [Fact]
    public void A_guest_that_got_a_not_present_gets_the_next()
    {
        List<string> lines = [.. Lines()];
        lines.RemoveAt(Recording.Nth(lines, "kvm_inj_exception: #PF", 2));

        Assert.Equal(ConformVerdict.Rejected, Recording.CheckText(string.Join('\n', lines)).Verdict);
    }

    /// <summary>A guest may end an interrupt that is not there.</summary>
    [Fact]
    public void An_EOI_of_nothing_is_one()
    {
        var report = Recording.CheckText(Entry
            + "a-7 [001] .... 1.000002: kvm_exit: vcpu 0 reason msr rip 0x1017 intr_info 0x00000000\n"
            + "a-7 [001] .... 1.000003: kvm_eoi: apicid 0 vector -1\n"
            + "a-7 [001] .... 1.000004: kvm_msr: msr_write 80b = 0x0\n" + Entry);

        Assert.Equal((ConformVerdict.Accepted, 5), (report.Verdict, report.Explained));
    }

    private static string[] Lines() => System.Text.Encoding.Latin1.GetString(Packed.Unpack(TraceData.PathOf(Paged)))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
