using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Tests.Simulation.Traces;

public sealed class LackeyTests
{
    // Page 4 is fetched from, page 8 read, then written; the load at 0x8ffe straddles pages 8 and 9.
    private const string Sample = """
        ==12== Lackey, an example Valgrind tool
        ==12==
        I  00004000,3
        I  00004003,5
         L 00008010,8
        I  00004008,2
        I  0000400a,1
         L 00008ffe,4
        I  0000400b,3
         S 00008020,8
         M 00008028,8
        I  0000400e,2
         M 0000a000,4
        I  00004010,2
        ==12== Exit code:       0

        """;

    [Fact]
    public void Only_first_touch_and_first_write_of_a_page_remain_and_skipped_instructions_become_think_time()
    {
        AccessTrace trace = TraceData.ReadText(Sample);

        VcpuTrace program = Assert.Single(trace.Vcpus);
        Assert.Equal(
            [
                new TraceAccess(0, 0, TraceAccessFlags.None, -1),
                new TraceAccess(2, 1, TraceAccessFlags.None, -1),
                new TraceAccess(2, 2, TraceAccessFlags.None, -1),
                new TraceAccess(1, 1, TraceAccessFlags.Write, -1),
                new TraceAccess(1, 3, TraceAccessFlags.Write, -1),
            ],
            program.Accesses);
        Assert.Equal(1, program.TailThinkNs);
        Assert.Equal(4, trace.GfnCount);
        Assert.Equal("lackey", trace.Format);
        Assert.Equal(7, trace.Facts["instructions"]);
        Assert.Equal(1, trace.Facts["straddling"]);
        Assert.Equal(12, trace.Facts["recordedAccesses"]);
        Assert.Empty(trace.BackgroundArrivals);
    }

    [Fact]
    public void Nothing_that_counts_is_dropped()
    {
        AccessTrace trace = TraceData.ReadText(
            "==1== Lackey\nSB 04001100\n I  004005c0,5\n L 10,1\nSB 04001e30\nI  004005c5,5\n");
        Assert.Equal((2, 2), (trace.GfnCount, trace.Facts["instructions"]));
        var mixed = Assert.Throws<TraceFormatException>(
            () => TraceData.ReadText("hello\nI  04001100,3\n"));
        Assert.Contains(":1: expected ", mixed.Message, StringComparison.Ordinal);
        Assert.Contains("--log-file", mixed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Think_time_scales_with_the_time_of_an_instruction()
    {
        AccessTrace trace = TraceData.ReadText(Sample, new TraceOptions { NsPerInstruction = 3 });

        Assert.Equal(3 * 7, trace.Vcpus[0].Accesses.Sum(access => access.ThinkNs) + trace.Vcpus[0].TailThinkNs);
        Assert.Contains(trace.Notes, note => note.Contains("3 ns each", StringComparison.Ordinal));
    }

    [Fact]
    public void Packed_and_CRLF_text_read_like_plain_text()
    {
        AccessTrace plain = TraceData.ReadText(Sample);
        using var packed = new TemporaryFile(Packed.Gzip(Sample));

        Assert.Equal(plain.Vcpus[0].Accesses, TraceReader.Read(packed.Path, new TraceOptions()).Vcpus[0].Accesses);
        Assert.Equal(
            plain.Vcpus[0].Accesses,
            TraceData.ReadText(Sample.Replace("\n", "\r\n", StringComparison.Ordinal)).Vcpus[0].Accesses);
    }

    [Fact]
    public void A_recording_stopped_in_the_middle_of_a_line_is_read_up_to_there()
    {
        AccessTrace trace = TraceData.ReadText("I  00004000,3\n S 0000");

        Assert.Single(trace.Vcpus[0].Accesses);
    }

    [Theory]
    [InlineData(" X 00004000,3")]
    [InlineData(" L 00004000,0")]
    [InlineData(" L 00004000,4097")]
    [InlineData(" L 11112222333344445,1")]
    [InlineData(" L ffffffffffffffff,2")]
    [InlineData(" L 4000")]
    public void A_damaged_line_is_named(string line)
    {
        var failure =
            Assert.Throws<TraceFormatException>(() => TraceData.ReadText($"I  00004000,3\n{line}\nI  00004000,3\n"));

        Assert.Equal(2, failure.Line);
        Assert.Equal($"{failure.File}:2: expected {failure.Expected}", failure.Message);
    }

    [Fact]
    public void The_last_byte_of_the_address_space_can_be_touched()
    {
        Assert.Equal(1, TraceData.ReadText(" L ffffffffffffffff,1\n").GfnCount);
    }

    [Fact]
    public void Progress_ends_with_the_size_of_the_file()
    {
        var reports = new Reports();
        TraceData.ReadText(Sample, new TraceOptions { Progress = reports });

        Assert.Equal(Sample.Length, reports.Values[^1]);
    }

    private sealed class Reports : IProgress<long>
    {
        public List<long> Values { get; } = [];

        public void Report(long value) => Values.Add(value);
    }
}
