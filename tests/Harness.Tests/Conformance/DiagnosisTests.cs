using System.Globalization;
using System.Text.RegularExpressions;
using UapiLab.Harness.Conformance;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>Who waits for what at the end of a trace: what a reader of the lines themselves would say.</summary>
public sealed partial class DiagnosisTests
{
    private const string Hlt = "reason hlt";

    /// <summary>The only guest of ours that waits at the end, where the recorder stopped at once: the host refuses its
    /// page.</summary>
    private const string Refused = "k6.12-s6b_protnone_apf_on";

    public static TheoryData<string> Names => new(Recording.All.Select(r => r.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Whole_recordings_wait_for_nothing(string name)
    {
        var answer = Recording.Of(name).Check().Diagnosis[0];
        if (name == Refused)
        {
            Assert.StartsWith("vCPU 0 waits for the VMM to see to its fault on gfn 0x10000, 1.164ms; no APF ended, so "
                + "nothing says whether that is long. ", answer, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal("nothing waits at the end", answer);
        }
    }

    /// <summary>A recording that is cut while its vCPU halts with APFs outstanding, and goes on for five seconds
    /// without it.</summary>
    [Theory]
    [InlineData("k6.12-s1_apf_on", 1)]
    [InlineData("k6.12-s1_apf_on", 2)]
    [InlineData("k6.12-s1_apf_on", 3)]
    [InlineData("k6.12-s1_apf_on", 5)]
    [InlineData("k6.12-s12_dontneed", 1)]
    [InlineData("k6.12-s12_dontneed", 2)]
    [InlineData("k6.12-s12_dontneed", 3)]
    [InlineData("k6.12-s12_dontneed", 4)]
    [InlineData("k6.12-s13_cap64", 1)]
    [InlineData("k6.12-s13_cap64", 2)]
    [InlineData("k6.12-s13_cap64", 3)]
    [InlineData("k6.12-s13_cap64", 4)]
    [InlineData("uf-ic-u3_async", 1)]
    [InlineData("uf-ic-u3_async", 2)]
    [InlineData("uf-mt-u4_mixed", 2)]
    [InlineData("uf-mt-u4_mixed", 3)]
    [InlineData("uf-mt-u4_mixed", 4)]
    [InlineData("uf-mt-u4_mixed", 5)]
    [InlineData("uf-mt-u10_exitless", 1)]
    [InlineData("uf-mt-u10_exitless", 2)]
    [InlineData("uf-mt-u10_exitless", 4)]
    [InlineData("uf-mt-u13_never", 1)]
    public void A_guest_whose_page_never_comes_is_stuck_on_it(string name, int halt)
    {
        var recording = Recording.Of(name);
        var lines = recording.Lines();
        lines.RemoveRange(Recording.Nth(lines, Hlt, halt) + 1, lines.Count - Recording.Nth(lines, Hlt, halt) - 1);
        var oldest = Outstanding(lines)[0];
        var report = recording.Check(lines.Append(After(lines[^1], seconds: 5)));
        Assert.True(report.Verdict == ConformVerdict.Accepted, $"{report.Rejection}");
        Assert.InRange(report.Diagnosis.Count, 2, 20);
        Assert.StartsWith("vCPU 0 may be stuck: it waits for the ready of token " + oldest.Token, report.Diagnosis[0],
            StringComparison.Ordinal);
        Assert.EndsWith("First sign at " + oldest.Time, report.Diagnosis[0], StringComparison.Ordinal);
        Assert.Contains(report.Diagnosis, line => line.Contains("an interrupt, in HLT", StringComparison.Ordinal));

        // Cut at the same place, and nothing after it: it may come yet.
        var soon = recording.Check(lines).Diagnosis[0];
        Assert.True(soon.StartsWith("no sign", StringComparison.Ordinal) == (Delivered(lines) > 0), soon);
    }

    /// <summary>From the start: no APF ended, and the recorder watched for a time that is long by any
    /// measure.</summary>
    [Theory]
    [InlineData(5, "vCPU 0 may be stuck: it waits for ")]
    [InlineData(0, "vCPU 0 waits for ")]
    public void A_guest_that_stops_at_its_first_fault_is_told_as_stuck_once_that_is_long(int seconds, string begins)
    {
        var recording = Recording.Of(Refused);
        var lines = recording.Lines();
        lines.RemoveAll(line => line.Contains("tracing_mark_write: END ", StringComparison.Ordinal));
        Assert.StartsWith(begins, recording.Check(seconds == 0 ? lines
            : lines.Append(After(lines[^1], seconds))).Diagnosis[0], StringComparison.Ordinal);
    }

    /// <summary>As on a restored guest whose token word was never acknowledged.</summary>
    [Fact]
    public void A_halt_that_returns_at_once_is_told()
    {
        static string Round(int i) => $"""
            vcpu-7 [007] d..1. 1000.{2 * i:D6}: kvm_exit: vcpu 0 reason hlt rip 0xb0f2 info1 0x0 intr_info 0x0
            vcpu-7 [007] d..1. 1000.{(2 * i) + 1:D6}: kvm_entry: vcpu 0, rip 0xb0f3

            """;
        var told = Recording.CheckText(string.Concat(Enumerable.Range(0, 40).Select(Round))).Diagnosis;
        Assert.Equal("vCPU 0 spins: its HLT does not halt. First sign at 1000.000000", told[0]);
        Assert.Contains("40 times in a row", told[1], StringComparison.Ordinal);
        Assert.Contains("never acknowledged", told[1], StringComparison.Ordinal);
        var few = Recording.CheckText(string.Concat(Enumerable.Range(0, 8).Select(Round))).Diagnosis;
        Assert.DoesNotContain("spins", few[0], StringComparison.Ordinal);
    }

    /// <summary>Tokens of which no ready has come since the last gap, by the lines alone.</summary>
    private static List<(string Token, string Time)> Outstanding(List<string> lines)
    {
        var open = new List<(string Token, string Time)>();
        foreach (var line in lines)
        {
            if (line.StartsWith("# cut", StringComparison.Ordinal))
            {
                open.Clear();
            }

            if (SetUp().Match(line) is { Success: true } set)
            {
                open.Add((set.Groups[2].Value, set.Groups[1].Value));
            }
            else if (Ready().Match(line) is { Success: true } ready)
            {
                open.RemoveAll(o => o.Token == ready.Groups[1].Value);
            }
        }

        return open;
    }

    private static int Delivered(List<string> lines) =>
        lines.Count(line => Ready().IsMatch(line) && !line.Contains("0xffffffff", StringComparison.Ordinal));

    private static string After(string line, int seconds)
    {
        var at = double.Parse(Stamp().Match(line).Groups[1].Value, CultureInfo.InvariantCulture) + seconds;
        return string.Create(CultureInfo.InvariantCulture,
            $"other-1 [000] ..... {at:F6}: tracing_mark_write: still here");
    }

    [GeneratedRegex(@"(\d+\.\d+): kvm_async_pf_not_present: token (0x[0-9a-f]+)")]
    private static partial Regex SetUp();

    [GeneratedRegex(@"kvm_async_pf_ready: token (0x[0-9a-f]+)")]
    private static partial Regex Ready();

    [GeneratedRegex(@" (\d+\.\d+): ")]
    private static partial Regex Stamp();
}
