using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>Names of everything that is reported for a cell. Definitions: docs/metrics.md.</summary>
public static class MetricNames
{
    /// <summary>Elapsed time of the baseline divided by that of the encoding, seed by seed.</summary>
    public const string Speedup = "speedupOverNeverAsync";

    /// <summary>What the encoding gains over the baseline as a share of what the oracle gains, seed by seed.</summary>
    public const string OracleShare = "shareOfOracleGain";

    /// <summary>Shared state for 1 GiB of guest memory; a property of the encoding, not of a run.</summary>
    public const string StateBytes = "stateBytesPerGiB";

    private static readonly (string Name, Func<RunResult, decimal> Value)[] Counted =
    [
        ("faults", r => r.Faults),
        ("exits", r => r.Exits),
        ("notPresentInjected", r => r.NotPresentInjected),
        ("readyIrqs", r => r.ReadyIrqs),
        ("backToBackApf", r => r.BackToBackApf),
        ("uselessApf", r => r.UselessApf),
        ("lateApf", r => r.LateApf),
        ("spuriousApf", r => r.SpuriousApf),
        ("inFlightApf", r => r.InFlightApf),
        ("guestContextSwitches", r => r.GuestContextSwitches),
        ("wastedContextSwitches", r => r.WastedContextSwitches),
        ("apfHalts", r => r.ApfHalts),
        ("vcpuBlockedNs", r => r.VcpuBlockedNs),
        ("elapsedNs", r => r.ElapsedNs),
        ("faultLatencyNsP50", r => r.LatencyP50Ns),
        ("faultLatencyNsP99", r => r.LatencyP99Ns),
        ("faultLatencyNsMax", r => r.LatencyMaxNs),
        ("sharedAccessesPerFault", r => r.Faults == 0 ? 0 : (decimal)r.SharedAccesses / r.Faults),
    ];

    /// <summary>What a run counts, in the order of the reports.</summary>
    public static IReadOnlyList<string> OfRun { get; } = [.. Counted.Select(c => c.Name)];

    /// <summary>Rules that must never be broken, in the order of <see cref="ViolationKind"/>.</summary>
    /// <remarks>Not those for which a simulation ends instead of counting.</remarks>
    public static IReadOnlyList<string> Violations { get; } = [.. Enum.GetNames<ViolationKind>().Take((int)ViolationKind.KvmDefect).Select(Camel)];

    /// <summary>What a claim may name: everything above, and what is derived from two encodings.</summary>
    public static IReadOnlyList<string> Claimable { get; } = [.. OfRun, Speedup, OracleShare, .. Violations];

    /// <summary>The value of a metric or violation in one run; null if the name is none of these.</summary>
    internal static Func<RunResult, decimal>? OfName(string name)
    {
        foreach (var counted in Counted)
        {
            if (counted.Name == name)
            {
                return counted.Value;
            }
        }

        var violation = Violations.ToList().IndexOf(name);
        return violation < 0 ? null : r => r.Violations[violation];
    }

    /// <summary>The name of an enumeration's member as files write it.</summary>
    internal static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
