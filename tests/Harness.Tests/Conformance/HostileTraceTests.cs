using UapiLab.Harness.Conformance;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Harness.Tests.Simulation.Traces;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>Whatever the file holds, the answer is a verdict or one line that names the place.</summary>
public sealed class HostileTraceTests
{
    private const int Rounds = 60;

    [Theory]
    [InlineData("k6.12-s4_2vcpu")]
    [InlineData("k6.12-s10_retouch")]
    [InlineData("uf-mt-u9_2vcpu")]
    public void Damaged_bytes_never_crash_it(string name)
    {
        var recording = Recording.Of(name);
        var original = Packed.Unpack(recording.Path);
        for (uint round = 0; round < Rounds; round++)
        {
            var random = new SplitMix64(round);
            var bytes = original.ToArray();
            for (var i = 0; i < 30; i++)
            {
                var at = (int)(random.Next() % (ulong)bytes.Length);
                bytes[at] = (random.Next() % 3) switch
                {
                    0 => (byte)(random.Next() & 0xff),
                    1 => bytes[(int)(random.Next() % (ulong)bytes.Length)],
                    _ => (byte)'f'
                };
            }

            Answers(bytes, recording);
        }
    }

    [Theory]
    [InlineData("k6.12-s13_cap64")]
    [InlineData("uf-mt-u4_mixed")]
    public void Shuffled_lines_never_crash_it(string name)
    {
        var recording = Recording.Of(name);
        for (uint round = 0; round < Rounds / 2; round++)
        {
            var random = new SplitMix64(round);
            var lines = recording.Lines();
            for (var i = 0; i < 10; i++)
            {
                var from = 10 + (int)(random.Next() % (ulong)(lines.Count - 10));
                var to = 10 + (int)(random.Next() % (ulong)(lines.Count - 10));
                (lines[from], lines[to]) = (lines[to], lines[from]);
            }

            // Without its comments, so that the shuffled parts of a cut trace are looked at too.
            Answers(System.Text.Encoding.Latin1.GetBytes(string.Join('\n', lines.Where(l => !l.StartsWith('#')))
                + "\n"), recording);
        }
    }

    [Theory]
    [InlineData("", "COMM-PID")]
    [InlineData("nothing of the kind\n", "COMM-PID")]
    [InlineData("x-1 [000] ..... 1.000000: kvm_entry: vcpu 0, rip 0x1\nnoise\n", ":2: expected")]
    [InlineData("x-1 [000] ..... 1.000000: kvm_entry: vcpu seven, rip 0x1\n", ":1: expected a vCPU number")]
    [InlineData("x-1 [000] ..... 1.000000: kvm_entry: vcpu 4096, rip 0x1\n", "below 4096")]
    [InlineData("x-1 [000] ..... 1.000000: kvm_async_pf_ready: token 0xfffffffffffffffff gva 0x0\n", "hexadecimal")]
    [InlineData("x-1 [000] ..... 1.000000: kvm_async_pf_completed: address 0x1\n", "`gva `")]
    [InlineData("x-1 [000] ..... 1.000000: kvm_msr: msr_wrote 1 = 2\n", "msr_write")]
    public void The_message_names_line_and_reason(string text, string expected)
    {
        var error = Assert.Throws<TraceFormatException>(() => Recording.CheckText(text));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Unknown_events_are_counted_and_named()
    {
        var report =
            Recording.CheckText(
                "x-1 [000] ..... 1.000000: kvm_entry: vcpu 0, rip 0x1\nx-1 [000] ..... 1.000001: kvm_brand_new: "
                + "1\nx-1 [000] ..... 1.000002: kvm_brand_new: 2\n");
        Assert.Equal(ConformVerdict.Accepted, report.Verdict);
        Assert.Equal(2, report.UnknownEvents["kvm_brand_new"]);
    }

    [Fact]
    public void Time_and_memory_grow_with_the_trace_and_no_faster()
    {
        // Many VMs one after the other: what the first left behind must not be there for the last.
        var recording = Recording.Of("k6.12-s10_retouch");
        var lines = recording.Lines();
        var report = recording.Check(Enumerable.Repeat(lines, 40).SelectMany(l => l));
        Assert.Equal(ConformVerdict.Accepted, report.Verdict);
        Assert.Equal((40, 1, 1), (report.Scenarios.Count, report.Vcpus, report.Width));
        Assert.Equal(40 * recording.Check().Events, report.Events);
    }

    private static void Answers(byte[] bytes, Recording recording)
    {
        using var file = new TemporaryFile(bytes);
        try
        {
            var report = recording.CheckFile(file.Path);
            Assert.True(report.Verdict != ConformVerdict.Rejected || report.Rejection!.Line > 0);
        }
        catch (TraceFormatException e)
        {
            Assert.Contains(": expected ", e.Message, StringComparison.Ordinal);
            Assert.True(e.Line > 0);
        }
    }
}
