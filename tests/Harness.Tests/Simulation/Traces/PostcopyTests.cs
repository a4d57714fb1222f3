using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Tests.Simulation.Traces;

/// <summary>A recorded post-copy migration, against the figures computed from it when it was recorded.</summary>
public sealed class PostcopyTests
{
    private const string Destination = "postcopy/v2-lim32-np.dst.trace.txt.gz";
    private const string Source = "postcopy/v2-lim32-np.src.trace.txt.gz";

    private static readonly AccessTrace s_trace = TraceData.Read(Destination);

    [Fact]
    public void Every_request_is_an_access_of_its_vcpu()
    {
        Assert.Equal("postcopy", s_trace.Format);
        Assert.Equal(["vcpu 0", "vcpu 1"], s_trace.Vcpus.Select(vcpu => vcpu.Name));
        Assert.Equal([114, 68], s_trace.Vcpus.Select(vcpu => vcpu.Accesses.Length));
        Assert.Equal(174, s_trace.GfnCount);
        Assert.Equal(182, s_trace.Facts["requests"]);
        Assert.Equal(8, s_trace.Facts["requestsForPendingPage"]);
        Assert.Equal(0, s_trace.Facts["neverPlaced"]);
        Assert.Equal(0, s_trace.Facts["requestsOfOtherThreads"]);
    }

    [Theory]
    [InlineData(-1, 97, 85852, 100730, 54498)]
    [InlineData(0, 97, 13601, 100006, 46588)]
    [InlineData(1, 661, 89941, 100730, 67758)]
    public void Arrival_times_are_the_recorded_latencies(int vcpu, long minUs, long medianUs, long maxUs, long meanUs)
    {
        IEnumerable<VcpuTrace> vcpus = vcpu < 0 ? s_trace.Vcpus : [s_trace.Vcpus[vcpu]];
        long[] sorted = [.. vcpus.SelectMany(one => one.Accesses).Select(access => access.ArrivalNs / 1000).Order()];

        Assert.Equal(minUs, sorted[0]);
        Assert.Equal(medianUs, (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2);
        Assert.Equal(maxUs, sorted[^1]);
        Assert.Equal(meanUs, (long)Math.Round(sorted.Average()), 1L);
    }

    [Fact]
    public void Background_pages_arrive_in_order_and_are_numbered_after_the_demanded_ones()
    {
        Assert.Equal(49827 + 23187, s_trace.Facts["pagesPlaced"]);
        Assert.Equal(23187, s_trace.Facts["pagesPlacedZero"]);
        Assert.Equal(73014 - 174, s_trace.BackgroundArrivals.Count);
        Assert.Equal(
            Enumerable.Range(174, 72840).Select(gfn => (long)gfn), s_trace.BackgroundArrivals.Select(page => page.Gfn));
        Assert.Equal(s_trace.BackgroundArrivals.OrderBy(page => page.AtNs), s_trace.BackgroundArrivals);
        Assert.Equal(0, s_trace.BackgroundArrivals[0].AtNs);
    }

    [Fact]
    public void Waiting_and_computing_add_up_to_the_migrations_length()
    {
        // From the start of the guest to the end of the log; a stamp may be some us late at each fault.
        const long LengthNs = (19_924_679L - 13_620_083) * 1000;
        foreach (VcpuTrace vcpu in s_trace.Vcpus)
        {
            long total = vcpu.TailThinkNs + vcpu.Accesses.Sum(access => access.ThinkNs + access.ArrivalNs);
            Assert.InRange(total, LengthNs, LengthNs + 10_000_000);
        }
    }

    [Fact]
    public void Twenty_nine_percent_were_on_their_way()
    {
        Assert.Equal(53, s_trace.Facts["inFlight"]);
        Assert.Equal(182, s_trace.Facts["sourceRequests"]);
        Assert.Equal(33, s_trace.Facts["sourceNotDirtyAnswers"]);
        Assert.Equal(0, s_trace.Facts["requestsNotInSourceLog"]);
        Assert.Equal([48, 5], s_trace.Vcpus.Select(vcpu => vcpu.Accesses.Count(IsInFlight)));

        // What is on its way comes sooner.
        Assert.Equal(3404, s_trace.Vcpus.SelectMany(vcpu => vcpu.Accesses).Where(IsInFlight)
            .Max(access => access.ArrivalNs) / 1000);
    }

    [Fact]
    public void Without_the_source_log_nothing_is_said_of_what_was_on_its_way()
    {
        AccessTrace trace = ReadCopy(null);

        Assert.DoesNotContain(trace.Vcpus.SelectMany(vcpu => vcpu.Accesses), IsInFlight);
        Assert.False(trace.Facts.ContainsKey("inFlight"));
        Assert.Contains(trace.Notes,
            note => note.Contains("not known without the source log", StringComparison.Ordinal));
    }

    [Fact]
    public void A_source_log_can_be_named()
    {
        Assert.Equal(53, ReadCopy(TraceData.PathOf(Source)).Facts["inFlight"]);
    }

    [Fact]
    public void A_source_log_of_another_clock_gives_the_same_figure_here()
    {
        string text = System.Text.Encoding.Latin1.GetString(Packed.Unpack(TraceData.PathOf(Source)))
            .Replace("@1795396", "@1795395", StringComparison.Ordinal);
        using var source = new TemporaryFile(text);

        AccessTrace trace = ReadCopy(source.Path);

        Assert.Equal(53, trace.Facts["inFlight"]);
        Assert.Contains(trace.Notes, note => note.Contains("do not share a clock", StringComparison.Ordinal));
    }

    [Fact]
    public void The_source_log_alone_is_refused()
    {
        var failure = Assert.Throws<TraceFormatException>(() => TraceData.Read(Source));

        Assert.Contains("is this the destination's log?", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_of_other_threads_are_counted_and_left_out_and_late_lines_are_sorted()
    {
        AccessTrace trace = TraceData.ReadText(
            """
            1@10.000000:loadvm_postcopy_handle_run_bh return
            2@10.000100:postcopy_ram_fault_thread_request Request for HVA=0x1000 rb=pc.ram offset=0x0 pid=7
            2@10.000200:postcopy_ram_fault_thread_request Request for HVA=0x2000 rb=pc.ram offset=0x1000 pid=8
            2@10.000201:mark_postcopy_blocktime_begin addr: 0x2000, dd: 0x1, time: 1, cpu: 0, already_received: 0
            3@10.000300:postcopy_place_page host=0x2000
            3@10.000290:postcopy_page_req_del resolved page req 0x2000 total 1
            3@10.000400:postcopy_place_page_zero host=0x1000
            2@10.000490:postcopy_ram_fault_thread_request Request for HVA=0x1000 rb=pc.ram offset=0x0 pid=8
            2@10.000491:mark_postcopy_blocktime_begin addr: 0x1000, dd: 0x1, time: 1, cpu: 0, already_received: 1
            2@10.000590:postcopy_ram_fault_thread_request Request for HVA=0x3000 rb=pc.ram offset=0x2000 pid=8
            2@10.000591:mark_postcopy_blocktime_begin addr: 0x3000, dd: 0x1, time: 1, cpu: 0, already_received: 0
            3@10.000600:postcopy_place_page host=0x4000
            """);

        Assert.Equal(
            [
                new TraceAccess(200_000, 0, TraceAccessFlags.None, 100_000),
                new TraceAccess(200_000, 1, TraceAccessFlags.None, 0),
                new TraceAccess(100_000, 2, TraceAccessFlags.None, -1),
            ],
            Assert.Single(trace.Vcpus).Accesses);
        Assert.Equal(1, trace.Facts["requestsOfOtherThreads"]);
        Assert.Equal(1, trace.Facts["alreadyThere"]);
        Assert.Equal(1, trace.Facts["neverPlaced"]);
        Assert.Equal(1, trace.Facts["lateLines"]);
        Assert.Equal([(600_000L, 3L)], trace.BackgroundArrivals);
    }

    private static bool IsInFlight(TraceAccess access) => access.Flags.HasFlag(TraceAccessFlags.InFlight);

    // A copy under another name has no sibling.
    private static AccessTrace ReadCopy(string? sourceLog)
    {
        using var copy = new TemporaryFile(File.ReadAllBytes(TraceData.PathOf(Destination)));
        return TraceReader.Read(copy.Path, new TraceOptions { SourceLog = sourceLog });
    }
}
