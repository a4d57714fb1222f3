using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Conformance;

/// <summary>What a reader of a trace from a guest that does not get on wants to know: who waits for what at its end,
/// and whether that is long.</summary>
internal sealed record Diagnosis
{
    /// <summary>A wait is long if it is so many times the longest that ended.</summary>
    private const int MuchLonger = 10;

    /// <summary>Where no APF ended, nothing in the trace says what is long. So much is beyond what a page takes from a
    /// disk or over a network.</summary>
    private const long LongNs = 1_000_000_000;

    /// <summary>HLTs in a row that return at once: fewer may be chance.</summary>
    private const int ManyHalts = 16;

    private const int MostWaits = 8;
    private const int MostRates = 6;

    public IReadOnlyList<WaitingVcpu> Waits { get; init; } = [];

    /// <summary>The longest time from an APF's set-up to its ready.</summary>
    public long LongestNs { get; init; }

    /// <summary>vCPUs whose HLT returns at once: how often in a row, and since when.</summary>
    public IReadOnlyList<(int Vcpu, int Count, long SinceNs)> Halts { get; init; } = [];

    /// <summary>Of the last event, by the recorder's clock.</summary>
    public long EndNs { get; init; }

    /// <summary>What the lanes say at this moment.</summary>
    public static Diagnosis Of(IReadOnlyCollection<VcpuChecker> lanes, PageAccounts accounts, long endNs) => new()
    {
        Waits = StateLanes.Waiting(lanes, accounts),
        LongestNs = lanes.Max(lane => (long?)lane.Order.LongestNs) ?? 0,
        Halts = [.. lanes.Where(l => l.Halts.Count >= ManyHalts)
            .Select(l => (l.VcpuId, l.Halts.Count, l.Halts.SinceNs))],
        EndNs = endNs,
    };

    /// <summary>That the guest does not get on, in a few words; null if no sign says so.</summary>
    public string? Stuck => Halts is [var (spins, _, _), ..] ? Invariant($"vCPU {spins} spins")
        : Oldest is { SinceNs: { } since } oldest && EndNs - since > (LongestNs > 0 ? LongestNs * MuchLonger : LongNs)
            ? Invariant($"vCPU {oldest.Vcpu} may be stuck")
        : null;

    private WaitingVcpu? Oldest => Waits.OrderBy(w => w.SinceNs ?? long.MaxValue).FirstOrDefault();

    /// <summary>In lines, the answer first.</summary>
    /// <param name="counts">Events of each kind.</param>
    /// <param name="firstNs">Of the first event.</param>
    public IReadOnlyList<string> Lines(IEnumerable<KeyValuePair<string, long>> counts, long firstNs)
    {
        var waits = Waits.OrderBy(w => w.IsForReady).ThenBy(w => w.SinceNs ?? long.MaxValue).ToArray();
        var lines = new List<string> { Answer };
        lines.AddRange(waits.Take(MostWaits).Select(w =>
            Invariant($"vCPU {w.Vcpu} waits for {w.For}{w.Since}; what ends it: {w.EndedBy}")));
        if (waits.Length > MostWaits)
        {
            lines.Add(Invariant($"and {waits.Length - MostWaits} more"));
        }

        lines.AddRange(BesideWaits(counts, firstNs));
        return lines;
    }

    /// <summary>The same where who waits for what is told beside it.</summary>
    public IReadOnlyList<string> Overview(IEnumerable<KeyValuePair<string, long>> counts, long firstNs) =>
        [Answer, .. BesideWaits(counts, firstNs)];

    private IEnumerable<string> BesideWaits(IEnumerable<KeyValuePair<string, long>> counts, long firstNs)
    {
        foreach (var (vcpu, count, since) in Halts)
        {
            yield return Invariant($"vCPU {vcpu}: HLT returned at once {count} times in a row from {Clock(since)} on. ")
                + "KVM finds a reason to run it and delivers none. A completed APF behind a token word that was never "
                + "acknowledged does that";
        }

        var seconds = (EndNs - firstNs) / 1e9;
        if (seconds > 0)
        {
            yield return "events a second: " + string.Join(", ", counts.OrderByDescending(c => c.Value).Take(MostRates)
                .Select(c => Invariant($"{c.Key} {c.Value / seconds:N0}")));
        }
    }

    private string Answer
    {
        get
        {
            if (Halts is [var (_, _, began), ..])
            {
                return $"{Stuck}: its HLT does not halt. First sign at {Clock(began)}";
            }

            if (Oldest is not { SinceNs: { } since } first)
            {
                return Oldest is { } unknown ? $"something waits at the end, for how long no event says: {unknown.For}"
                    : "nothing waits at the end";
            }

            var age = Age(EndNs - since);
            var where = $"What ends it: {first.EndedBy}. First sign at {Clock(since)}";
            var ended = $"the longest that ended took {Age(LongestNs)}";
            return (Stuck, LongestNs) switch
            {
                ({ } stuck, 0) => $"{stuck}: it waits for {first.For}, {age}, and no APF ended. {where}",
                ({ } stuck, _) => $"{stuck}: it waits for {first.For}, {age}; {ended}. {where}",
                (null, 0) => Invariant($"vCPU {first.Vcpu} waits for {first.For}, {age}; no APF ended, so nothing ")
                    + $"says whether that is long. {where}",
                _ => Invariant($"no sign that anything is stuck: the oldest wait is vCPU {first.Vcpu}'s, ")
                    + $"{age}; {ended}",
            };
        }
    }

    /// <summary>As recorders print it.</summary>
    internal static string Clock(long ns) => Invariant($"{ns / 1e9:F6}");

    private static string Age(long ns) => Durations.Format(ns);
}
