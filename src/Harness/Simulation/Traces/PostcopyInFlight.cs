namespace UapiLab.Harness.Simulation.Traces;

/// <summary>
/// Decides which demanded pages were on their way already: those the source did not take off its request queue, to
/// send them, at or after the demand. It had then sent them before, as background or for another fault.
/// Where the two clocks contradict each other, the moment the source received the request stands in for the demand;
/// that counts pages sent while the request travelled as on their way too.
/// </summary>
internal static class PostcopyInFlight
{
    // Stamps are taken before or after what they describe; only more than this is another clock.
    private const long ClockSlackNs = 10_000_000;

    /// <summary>Marks the demands.</summary>
    /// <returns>Whether the clocks agree, and how many demands the source log does not know.</returns>
    public static (bool OneClock, long Unmatched) Mark(IReadOnlyList<PostcopyDemand> demands, PostcopySource source)
    {
        var matched = new List<(PostcopyDemand Demand, PostcopySource.Page Page, (long AtNs, long Order) Received)>();
        var asked = new Dictionary<(string, ulong), int>();
        foreach (PostcopyDemand demand in demands)
        {
            PostcopySource.Page page = source.Of(demand.Block, demand.Offset);
            int earlier = asked.GetValueOrDefault((demand.Block, demand.Offset));
            asked[(demand.Block, demand.Offset)] = earlier + 1;
            if (page.Received.Count > 0)
            {
                // A destination may leave out repeated requests; they share the fate of the last one sent.
                matched.Add((demand, page, page.Received[Math.Min(earlier, page.Received.Count - 1)]));
            }
        }

        bool oneClock = matched.TrueForAll(match => IsPossible(match.Demand, match.Page));
        foreach ((PostcopyDemand demand, PostcopySource.Page page, (long AtNs, long Order) received) in matched)
        {
            demand.InFlight = oneClock
                ? !page.Dequeued.Exists(sent => sent.AtNs >= demand.AtNs)
                : !page.Dequeued.Exists(sent => sent.Order > received.Order);
        }

        return (oneClock, demands.Count - matched.Count);
    }

    // The page's last request is received after some demand, and it is placed after it was taken off the queue.
    private static bool IsPossible(PostcopyDemand demand, PostcopySource.Page page) =>
        page.Received[^1].AtNs >= demand.AtNs - ClockSlackNs
        && (demand.PlacedAtNs == PostcopyDemand.Unknown
            || page.Dequeued.TrueForAll(sent => sent.AtNs <= demand.PlacedAtNs + ClockSlackNs));
}
