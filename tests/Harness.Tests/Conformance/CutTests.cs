using UapiLab.Harness.Conformance;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>A trace may begin, end and break off anywhere: what is not there is possible, not missing.</summary>
public sealed class CutTests
{
    private const int Cuts = 12;

    public static TheoryData<string> Names => new(Recording.All.Select(r => r.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_truncated_start_is_accepted(string name) => Try(name, (lines, at) => lines.Skip(at));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_truncated_end_is_accepted(string name) => Try(name, (lines, at) => lines.Take(at));

    [Theory]
    [MemberData(nameof(Names))]
    public void Lost_events_are_accepted(string name) =>
        Try(name, (lines, at) => [.. lines.Take(at), "CPU:1 [LOST 17 EVENTS]", .. lines.Skip(at + 17)]);

    /// <summary>Fewer cuts: what one kind of event tells another may, and after a gap nothing else does.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Lost_events_are_accepted_where_a_kind_was_not_recorded(string name)
    {
        foreach (var kind in new[] { "kvm_userspace_exit", "kvm_page_fault", "kvm_exit" })
        {
            Try(name, (lines, at) => [.. lines.Take(at).Where(IsOther), "CPU:1 [LOST 3 EVENTS]",
                .. lines.Skip(at + 3).Where(IsOther)], cuts: 4);

            bool IsOther(string line) => Recording.EventOf(line) != kind;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_open_guest_is_accepted(string name)
    {
        var recording = Recording.Of(name);
        var report = recording.Check(recording.Lines().Where(line => Recording.EventOf(line) != "tracing_mark_write"));
        Assert.True(report.Verdict == ConformVerdict.Accepted, $"{report.Bound}{report.Rejection}");
    }

    [Fact]
    public void A_gap_is_counted()
    {
        var recording = Recording.Of("k6.12-s10_retouch");
        var lines = recording.Lines();
        lines[200] = "CPU:1 [LOST 5 EVENTS]";
        var report = recording.Check(lines);
        Assert.Equal((1, 5), (report.Gaps, report.Missing));
    }

    [Fact]
    public void What_a_gap_hides_still_obeys_the_rules_afterwards()
    {
        // A token that was never set up is explained by the gap, one of another vCPU is not.
        var recording = Recording.Of("k6.12-s1_apf_on");
        var lines = recording.Lines().Skip(400).ToList();
        var ready = Recording.Nth(lines, "kvm_async_pf_ready", 1);
        lines[ready] = lines[ready].Replace("000 gva", "003 gva", StringComparison.Ordinal);
        var report = recording.Check(lines);
        Assert.Equal(ConformVerdict.Rejected, report.Verdict);
        Assert.Equal(ready + 1, report.Rejection!.Line);
    }

    private static void Try(string name, Func<List<string>, int, IEnumerable<string>> cut, int cuts = Cuts)
    {
        var recording = Recording.Of(name);
        var lines = recording.Lines();
        for (var i = 0; i < cuts; i++)
        {
            var at = 12 + ((lines.Count - 40) * i / cuts);
            var report = recording.Check(cut(lines, at));
            Assert.True(report.Verdict == ConformVerdict.Accepted, $"at {at}: {report.Bound}{report.Rejection}");
        }
    }
}
