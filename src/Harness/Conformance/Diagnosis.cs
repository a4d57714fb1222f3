using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Conformance;

/// <summary>What a reader of a trace from a guest that does not get on wants to know: who waits for what at its end,
/// and whether that is long.</summary>
internal sealed record Diagnosis
{
    /// <summary>A wait is long if it is so many times the longest that ended.</summary>
    private const int MuchLonger = 10;

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

    /// <summary>In lines, the answer first.</summary>
    /// <param name="counts">Events of each kind.</param>
    /// <param name="firstNs">Of the first event.</param>
    public IReadOnlyList<string> Lines(IEnumerable<KeyValuePair<string, long>> counts, long firstNs)
    {
        var waits = Waits.OrderBy(w => w.SinceNs ?? long.MaxValue).ToArray();
        var lines = new List<string> { Answer(waits) };
        lines.AddRange(waits.OrderBy(w => w.IsForReady).Take(MostWaits).Select(w =>
            Invariant($"vCPU {w.Vcpu} waits for {w.For}{Since(w.SinceNs)}; what ends it: {w.EndedBy}")));
        if (waits.Length > MostWaits)
        {
            lines.Add(Invariant($"and {waits.Length - MostWaits} more"));
        }

        lines.AddRange(Halts.Select(h =>
            Invariant($"vCPU {h.Vcpu}: HLT returned at once {h.Count} times in a row from {Clock(h.SinceNs)} on. ")
            + "KVM finds a reason to run it and delivers none. A completed APF behind a token word that was never "
            + "acknowledged does that"));
        var seconds = (EndNs - firstNs) / 1e9;
        if (seconds > 0)
        {
            lines.Add("events a second: " + string.Join(", ", counts.OrderByDescending(c => c.Value).Take(MostRates)
                .Select(c => Invariant($"{c.Key} {c.Value / seconds:N0}"))));
        }

        return lines;
    }

    private string Answer(WaitingVcpu[] waits)
    {
        if (Halts.Count > 0)
        {
            var (vcpu, _, began) = Halts[0];
            return Invariant($"vCPU {vcpu} spins: its HLT does not halt. First sign at {Clock(began)}");
        }

        if (waits is not [{ SinceNs: { } since } first, ..])
        {
            return waits.Length == 0 ? "nothing waits at the end"
                : $"something waits at the end, for how long no event says: {waits[0].For}";
        }

        var age = EndNs - since;
        var beside = LongestNs > 0 ? $", {Age(age)}; the longest that ended took {Age(LongestNs)}" : ", " + Age(age);
        return LongestNs == 0 || age > LongestNs * MuchLonger
            ? Invariant($"vCPU {first.Vcpu} may be stuck: it waits for {first.For}{beside}. ")
                + $"What ends it: {first.EndedBy}. First sign at {Clock(since)}"
            : Invariant($"no sign that anything is stuck: the oldest wait is vCPU {first.Vcpu}'s{beside}");
    }

    private static string Since(long? ns) => ns is { } since ? ", since " + Clock(since) : "";

    /// <summary>As recorders print it.</summary>
    internal static string Clock(long ns) => Invariant($"{ns / 1e9:F6}");

    private static string Age(long ns) => Durations.Format(ns);
}
