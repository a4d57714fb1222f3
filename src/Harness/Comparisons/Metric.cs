using System.Text.Json;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>A number that a report gives for a cell: one row of a table below. docs/metrics.md shows them.</summary>
public sealed class Metric
{
    private const string Count = "count";
    private const string Ns = "ns";

    private Metric(string name, string unit, string meaning, Func<RunResult, decimal>? value = null)
    {
        Name = name;
        Unit = unit;
        Meaning = meaning;
        Value = value;
    }

    /// <summary>What a run counts, in the order of the reports.</summary>
    public static IReadOnlyList<Metric> OfRun { get; } =
    [
        new("faults", Count, "guest accesses that faulted in stage 2 at least once and were completed", r => r.Faults),
        new("exits", Count, "returns of KVM_RUN to userspace with a fault", r => r.Exits)
        {
            Column = new(6, "exit", "exits/fault", "exits to userspace", "exits to userspace"),
        },
        new("notPresentInjected", Count, "page-not-present #PFs that the guest took", r => r.NotPresentInjected)
        {
            Column = new(1, "inj", "not-present/fault", "not-present #PFs injected", "not-presents injected"),
        },
        new("readyIrqs", Count, "page-ready interrupts that the guest took, the wake-all of enabling included",
            r => r.ReadyIrqs),
        new("backToBackApf", Count, "not-presents whose page-ready was queued before the guest ran one instruction: "
            + "what the thread calls spurious", r => r.BackToBackApf)
        {
            Column = new(2, "b2b", "back-to-back/fault",
                "those back to back with their ready", "not-presents back to back with their ready")
            {
                LeadsNarrowTables = true,
            },
        },
        new("uselessApf", Count, "not-presents with nothing else runnable on that vCPU: the guest idles instead of the "
            + "vCPU thread", r => r.UselessApf)
        {
            Column = new(3, "usel", "useless/fault", "those with nothing else runnable", "with nothing else runnable")
            {
                LeadsNarrowTables = true,
                IsLeftOutWhereZero = true,
            },
        },
        new("lateApf", Count, "not-presents injected although the content was in place", r => r.LateApf)
        {
            Column = new(4, "late", "late/fault", "those with the content in place", "with the content in place")
            {
                LeadsNarrowTables = true,
                IsLeftOutWhereZero = true,
            },
        },
        new("inFlightApf", Count, "not-presents injected for a page whose fetch was under way before the fault",
            r => r.InFlightApf)
        {
            Column = new(5, "infl", "in flight/fault",
                "those for pages already in flight", "those for pages in flight")
            {
                IsLeftOutWhereZero = true,
            },
        },
        new("guestContextSwitches", Count, "context switches in the guest, to idle included",
            r => r.GuestContextSwitches),
        new("wastedContextSwitches", Count, "those caused by a not-present that is back to back, useless or late",
            r => r.WastedContextSwitches),
        new("apfHalts", Count, "times a vCPU was halted inside KVM because of an APF", r => r.ApfHalts),
        new("vcpuBlockedNs", Ns, "time vCPU threads slept in an APF halt or for a page, summed over vCPUs",
            r => r.VcpuBlockedNs),
        new("haltPolledNs", Ns,
            "host CPU time that vCPU threads burnt polling after the guest's HLT, summed over vCPUs",
            r => r.HaltPolledNs),
        new("elapsedNs", Ns, "until the last task of the guest ended", r => r.ElapsedNs),
        new("faultLatencyNsP50", Ns, "median time from the first fault of an access to its completion",
            r => r.LatencyP50Ns),
        new("faultLatencyNsP90", Ns, "90th percentile", r => r.LatencyP90Ns),
        new("faultLatencyNsP99", Ns, "99th percentile", r => r.LatencyP99Ns)
        {
            Column = new(7, "p99", "p99", "latency from the fault to the completed access", "fault latency"),
        },
        new("faultLatencyNsMax", Ns, "maximum", r => r.LatencyMaxNs),
        new("sharedAccessesPerFault", "ratio", "accesses to words that VMM and KVM share, for each fault",
            r => r.Faults == 0 ? 0 : (decimal)r.SharedAccesses / r.Faults),
    ];

    /// <summary>Elapsed time of the baseline divided by that of the encoding, seed by seed.</summary>
    public static Metric Speedup { get; } = new("speedupOverNeverAsync", "ratio",
        "`elapsedNs` of the baseline divided by that of the encoding: 1 = no change, 1.26 = 26 % faster");

    /// <summary>What the encoding gains over the baseline as a share of what the oracle gains, seed by seed.</summary>
    public static Metric OracleShare { get; } = new("shareOfOracleGain", "ratio",
        "(baseline - encoding) / (baseline - oracle), in `elapsedNs`");

    /// <summary>Shared state for 1 GiB of guest memory; a property of the encoding, not of a run.</summary>
    public static Metric StateBytes { get; } = new("stateBytesPerGiB", "bytes",
        "shared state for 1 GiB of guest memory: 262,144 frames of 4 KiB times the bits per frame. "
        + "A property of the encoding");

    /// <summary>What is derived from several runs or from the description, in the order of the reports.</summary>
    public static IReadOnlyList<Metric> Derived { get; } = [Speedup, OracleShare, StateBytes];

    /// <summary>Rules that must never be broken. What each means, its property says (docs/checking.md).</summary>
    /// <remarks>Not those for which a simulation ends instead of counting.</remarks>
    public static IReadOnlyList<Metric> Violations { get; } =
    [
        .. from kind in Enum.GetValues<ViolationKind>()
           where kind is not (ViolationKind.KvmDefect or ViolationKind.LeakedApf or ViolationKind.OldFault
               or ViolationKind.FailureChanges)
           select new Metric(NameOf(kind), Count, "", r => r.Violations[(int)kind]),
    ];

    /// <summary>What a claim may name.</summary>
    public static IReadOnlyList<Metric> Claimable { get; } = [.. OfRun, Speedup, OracleShare, .. Violations];

    private static readonly Dictionary<string, Metric> s_byName = Claimable.ToDictionary(m => m.Name);

    internal static Metric Faults { get; } = s_byName["faults"];

    internal static Metric Exits { get; } = s_byName["exits"];

    internal static Metric NotPresentInjected { get; } = s_byName["notPresentInjected"];

    internal static Metric BackToBackApf { get; } = s_byName["backToBackApf"];

    internal static Metric InFlightApf { get; } = s_byName["inFlightApf"];

    internal static Metric ElapsedNs { get; } = s_byName["elapsedNs"];

    /// <summary>Those that are columns of a workload's wide table, from the left.</summary>
    public static IReadOnlyList<Metric> WideColumns { get; } =
        [.. OfRun.Where(m => m.Column is not null).OrderBy(m => m.Column!.Place)];

    /// <summary>The same for tables of 72 to 100 columns.</summary>
    public static IReadOnlyList<Metric> NarrowColumns { get; } =
        [.. WideColumns.OrderByDescending(m => m.Column!.LeadsNarrowTables)];

    /// <summary>As reports and claims write it; the unit of a time is a part of it.</summary>
    public string Name { get; }

    /// <summary>count, ns, bytes or ratio.</summary>
    public string Unit { get; }

    /// <summary>What it is, without a full stop.</summary>
    public string Meaning { get; }

    /// <summary>How a workload's table shows it; null if it does not.</summary>
    public MetricColumn? Column { get; private init; }

    /// <summary>Whether it is a time. A count is shown for each fault.</summary>
    public bool IsTime => Unit == Ns;

    /// <summary>Its value in one run; null if it takes several.</summary>
    internal Func<RunResult, decimal>? Value { get; }

    /// <summary>The metric or violation of one run with this name; null if there is none.</summary>
    public static Metric? OfName(string name) => s_byName.GetValueOrDefault(name);

    /// <summary>The name of a violation in reports.</summary>
    internal static string NameOf(ViolationKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A metric as a column of a workload's table.</summary>
/// <param name="Place">From the left in a wide table.</param>
/// <param name="Heading">In tables of 72 to 100 columns.</param>
/// <param name="WideHeading">In report.md.</param>
/// <param name="Legend">What stands behind the heading in the legend of report.txt.</param>
/// <param name="ShortLegend">The same on the screen.</param>
public sealed record MetricColumn(int Place, string Heading, string WideHeading, string Legend, string ShortLegend)
{
    /// <summary>Whether a narrow table begins with it.</summary>
    public bool LeadsNarrowTables { get; init; }

    /// <summary>Whether a narrow table goes without it where it is 0.00 for every encoding.</summary>
    public bool IsLeftOutWhereZero { get; init; }
}
