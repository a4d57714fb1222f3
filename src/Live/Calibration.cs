using System.ComponentModel;
using UapiLab.Harness.Machines;
using UapiLab.Live.Os;

namespace UapiLab.Live;

/// <summary>A price as this host has it, or why it is not known.</summary>
/// <param name="Kind">The price.</param>
/// <param name="By">The probe; null where there is none.</param>
/// <param name="Measured">Whole ns of all rounds, or null.</param>
/// <param name="Why">Why it was not measured, without a full stop.</param>
/// <param name="LacksRight">Whether it would be with more rights.</param>
internal sealed record Price(Cost Kind, Probe? By, Spread? Measured, string Why = "", bool LacksRight = false);

/// <summary>What the rounds say together.</summary>
/// <param name="Ns">Their median.</param>
/// <param name="LowNs">The low ends' lowest tenth.</param>
/// <param name="HighNs">The high ends' highest tenth; null: the assumed end stays.</param>
internal sealed record Spread(long Ns, long LowNs, long? HighNs);

/// <summary>A probe that yields no price, only a count.</summary>
/// <param name="By">Which.</param>
/// <param name="Why">Why it was not as the method says, without a full stop; empty if it was.</param>
/// <param name="LacksRight">Whether it could be with more rights.</param>
internal sealed record Count(Probe By, string Why, bool LacksRight);

/// <summary>What there is to say of a host.</summary>
/// <param name="Prices">Every price of the table, in its order.</param>
/// <param name="Counts">Every probe that yields none.</param>
/// <param name="Rounds">How many there were.</param>
internal sealed record Measurements(IReadOnlyList<Price> Prices, IReadOnlyList<Count> Counts, int Rounds);

/// <summary>Measures a host.</summary>
internal static class Calibration
{
    /// <summary>Every probe has its turn in each, so that what changes meanwhile is in all of their spreads.</summary>
    public const int Rounds = 60;

    private const double Tenth = 0.1;

    // A machine on which all of them take longer has fewer rounds; an emulated one does.
    private const double PatienceNs = 40e9;
    private const int FewestRounds = 3;

    /// <summary>Runs every probe that has what it needs.</summary>
    /// <param name="host">What to measure.</param>
    /// <param name="probes">What with.</param>
    /// <param name="rounds">How often at most.</param>
    /// <param name="tell">Told of every round and probe.</param>
    /// <param name="cancellation">Ends it before the next probe.</param>
    public static Measurements Run(Host host, IReadOnlyList<Probe> probes, int rounds,
        Action<string> tell, CancellationToken cancellation)
    {
        var lacks = probes.SelectMany(p => p.Needs).Distinct().ToDictionary(need => need, need => need.LackOf(host));
        var failed = new Dictionary<Probe, Lack>();
        foreach (var probe in probes)
        {
            if (probe.Needs.Select(need => lacks[need]).FirstOrDefault(lack => lack is not null) is { } lack)
            {
                failed.Add(probe, lack);
            }
        }

        // The first round warms the code up, and its times are no prices. What is only counted has no other.
        List<Reading> readings = [];
        var (begin, round) = (Clock.Ns, 0);
        for (; round <= rounds && (round <= FewestRounds || Clock.Ns - begin < PatienceNs); round++)
        {
            foreach (var probe in probes.Where(p => !failed.ContainsKey(p)
                && (round == 0 || p.Yields.Count > 0)))
            {
                cancellation.ThrowIfCancellationRequested();
                tell(Invariant($"round {round} of {rounds}: {probe.Name}"));
                try
                {
                    IEnumerable<Reading> read = [];
                    PinnedThread.Run(host.First, () => read = [.. probe.Round(host)]);
                    readings.AddRange(round == 0 ? [] : read);
                }
                catch (Exception e) when (e is Win32Exception or ProbeFailedException)
                {
                    failed.Add(probe, new(e.Message, IsRight: false));
                }
            }
        }

        return new([.. Enum.GetValues<Cost>().Select(kind => PriceOf(kind, probes, failed, readings))],
            [.. probes.Where(p => p.Yields.Count == 0).Select(p => failed.TryGetValue(p, out var lack)
                ? new Count(p, lack.Why, lack.IsRight) : new Count(p, "", LacksRight: false))],
            round - 1);
    }

    private static Price PriceOf(Cost kind, IReadOnlyList<Probe> probes, Dictionary<Probe, Lack> failed,
        List<Reading> readings)
    {
        if (probes.FirstOrDefault(p => p.Yields.Contains(kind)) is not { } probe)
        {
            return new(kind, null, null, ProbeList.Unprobed.GetValueOrDefault(kind, "no probe was asked for it"));
        }

        if (failed.TryGetValue(probe, out var lack))
        {
            return new(kind, probe, null, lack.Why, lack.IsRight);
        }

        var own = readings.Where(r => r.Kind == kind).ToArray();
        var ns = Timing.At(own.Select(r => r.Ns), 0.5);
        var low = Timing.At(own.Select(r => r.Low), Tenth);
        if (ns <= 0 && own.Any(r => r.Ns != 0))
        {
            return new(kind, probe, null, "a difference of two times that is within their noise");
        }

        double? high = own.Any(r => r.High is null) ? null : Timing.At(own.Select(r => r.High!.Value), 1 - Tenth);
        return new(kind, probe, new(Whole(ns), Math.Min(Whole(low), Whole(ns)),
            high is { } end ? Math.Max(Whole(end), Whole(ns)) : null));
    }

    /// <summary>A table has whole ns; what takes any time at all takes one.</summary>
    private static long Whole(double ns) => ns == 0 ? 0 : Math.Max(1, (long)Math.Round(ns));
}
