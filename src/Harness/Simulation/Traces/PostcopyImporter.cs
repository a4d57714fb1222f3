namespace UapiLab.Harness.Simulation.Traces;

/// <summary>
/// Takes the demand faults of a post-copy destination as accesses, each with the time its page really took, and the
/// rest of the stream as background arrivals.
/// </summary>
internal static class PostcopyImporter
{
    public static AccessTrace Import(TraceLines lines, TraceOptions options, ByteProgress progress)
    {
        var log = new PostcopyLog(lines);
        var destination = new PostcopyDestination();
        foreach (PostcopyEvent next in log.InTimeOrder())
        {
            destination.Take(next);
        }

        PostcopyDemand[] ofVcpus = [.. destination.Demands.Where(demand => IsVcpu(destination, demand))];
        if (ofVcpus.Length == 0)
        {
            throw lines.Expected(
                "a postcopy_ram_fault_thread_request of a vCPU somewhere above (is this the destination's log?)");
        }

        string? sourceLog = options.SourceLog ?? Sibling(lines.File);
        PostcopySource? source = sourceLog is null ? null : ReadSource(sourceLog, progress, options.Cancellation);
        (bool oneClock, long unmatched) =
            source is null ? (true, 0) : PostcopyInFlight.Mark(destination.Demands, source);
        return Result(lines.Name, log, destination, ofVcpus, source, oneClock, unmatched);
    }

    private static bool IsVcpu(PostcopyDestination destination, PostcopyDemand demand) =>
        demand.Vcpu != PostcopyDemand.Unknown || !destination.NamesVcpus;

    private static string? Sibling(string file)
    {
        string name = Path.GetFileName(file);
        int side = name.LastIndexOf(".dst.", StringComparison.Ordinal);
        if (side < 0)
        {
            return null;
        }

        string sibling = Path.Combine(
            Path.GetDirectoryName(file) ?? "", string.Concat(name.AsSpan(0, side), ".src.", name.AsSpan(side + 5)));
        return File.Exists(sibling) ? sibling : null;
    }

    private static PostcopySource ReadSource(string file, ByteProgress progress, CancellationToken cancellation)
    {
        using TraceLines lines = TraceLines.Open(file, progress, cancellation);
        if (FormatDetector.Detect(lines) != TraceFormat.Postcopy)
        {
            throw lines.Expected("the source's trace log: " + PostcopyLine.Form);
        }

        var source = new PostcopySource();
        foreach (PostcopyEvent next in new PostcopyLog(lines).InTimeOrder())
        {
            source.Take(next);
        }

        return source.Requests > 0
            ? source
            : throw lines.Expected("a migrate_handle_rp_req_pages somewhere above (is this the source's log?)");
    }

    private static AccessTrace Result(
        string name,
        PostcopyLog log,
        PostcopyDestination destination,
        PostcopyDemand[] ofVcpus,
        PostcopySource? source,
        bool oneClock,
        long unmatched)
    {
        var gfns = new GfnNumbering();
        foreach (PostcopyDemand demand in ofVcpus)
        {
            gfns.Of(demand.Address);
        }

        long startNs = destination.GuestStartedNs ?? ofVcpus[0].AtNs;
        VcpuTrace[] vcpus =
        [
            .. ofVcpus
                .GroupBy(demand => destination.NamesVcpus ? demand.Vcpu : demand.Thread)
                .OrderBy(group => group.Key)
                .Select(group => Sequence(
                    NameOf(group.Key, destination.NamesVcpus), [.. group], startNs, destination.LastEventNs, gfns)),
        ];
        (long AtNs, ulong Address)[] background = [.. destination.Arrivals.Where(page => !gfns.Knows(page.Address))];
        var facts = new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["accesses"] = ofVcpus.Length,
            ["alreadyThere"] = ofVcpus.LongCount(demand => demand.ArrivalNs == 0),
            ["backgroundPages"] = background.Length,
            ["lateLines"] = log.LateLines,
            ["neverPlaced"] = ofVcpus.LongCount(demand => demand.ArrivalNs < 0),
            ["otherEvents"] = destination.OtherEvents,
            ["pagesPlaced"] = destination.Arrivals.Count,
            ["pagesPlacedZero"] = destination.ZeroPages,
            ["pagesTouched"] = gfns.Count,
            ["requests"] = destination.Demands.Count,
            ["requestsForPendingPage"] = destination.SecondDemands,
            ["requestsOfOtherThreads"] = destination.Demands.Count - ofVcpus.Length,
        };
        if (source is not null)
        {
            facts["inFlight"] = ofVcpus.LongCount(demand => demand.InFlight);
            facts["inFlightOfAllRequests"] = destination.Demands.LongCount(demand => demand.InFlight);
            facts["requestsNotInSourceLog"] = unmatched;
            facts["sourceNotDirtyAnswers"] = source.NotDirtyAnswers;
            facts["sourceRequests"] = source.Requests;
        }

        return new AccessTrace(
            name, "postcopy", vcpus, gfns.Count, [.. Notes(destination, source, oneClock)], facts)
        {
            BackgroundArrivals =
                [.. background.Select((page, i) => (Math.Max(0, page.AtNs - startNs), gfns.Count + i))],
        };
    }

    private static VcpuTrace Sequence(
        string name, PostcopyDemand[] demands, long startNs, long endNs, GfnNumbering gfns)
    {
        var accesses = new TraceAccess[demands.Length];
        long running = startNs;
        for (int i = 0; i < demands.Length; i++)
        {
            PostcopyDemand demand = demands[i];
            accesses[i] = new TraceAccess(
                Math.Max(0, demand.AtNs - running),
                gfns.Of(demand.Address),
                demand.InFlight ? TraceAccessFlags.InFlight : TraceAccessFlags.None,
                demand.ArrivalNs);

            // A page that never came is a log that ended early: then there is nothing to compute after it.
            running = demand.ReleasedAtNs == PostcopyDemand.Unknown ? endNs : demand.ReleasedAtNs;
        }

        return new VcpuTrace(name, accesses, Math.Max(0, endNs - running));
    }

    private static string NameOf(long key, bool isVcpu) =>
        Invariant($"{(isVcpu ? "vcpu" : "thread")} {key}");

    private static IEnumerable<string> Notes(PostcopyDestination destination, PostcopySource? source, bool oneClock)
    {
        yield return GfnNumbering.Note + " A page is a host page of the destination; background pages are numbered "
            + "after the demanded ones.";
        yield return "Every demand fault of a vCPU is kept. Think time runs from its release by its previous page "
            + "(its first one: from the start of the guest) to the fault; 0 where the log stamps the release later.";
        yield return "The arrival time is the stamp of the page's placement minus that of the fault.";
        yield return "Whether a fault was a write or the guest's kernel is not in such a log.";
        yield return destination.NamesVcpus
            ? "Faults of threads that are no vCPU are left out; their pages count as background."
            : "The log does not name vCPUs (block time was not measured): every faulting thread is taken as one.";
        yield return source is null
            ? "Whether a page was in flight when demanded is not known without the source log."
            : "In flight means that the source did not take the page off its request queue to send it at or after "
                + (oneClock
                    ? "the demand (both logs share a clock)."
                    : "receiving the request (the logs do not share a clock).");
    }
}
