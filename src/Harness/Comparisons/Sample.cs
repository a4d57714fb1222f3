using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>The runs of one encoding on one variation of a workload, one for each seed, all of them done.</summary>
internal sealed class Sample(IReadOnlyList<RunResult> runs)
{
    public IReadOnlyList<RunResult> Runs => runs;

    /// <summary>Whether every run came to its end, so that its elapsed time means something.</summary>
    public bool Finished { get; } = runs.All(r =>
        r.Violations[(int)ViolationKind.LostWakeup] == 0 && r.Violations[(int)ViolationKind.Livelock] == 0);

    public bool HasViolation { get; } = runs.Any(r => r.HasViolation);

    public IReadOnlyList<decimal> Elapsed { get; } = [.. runs.Select(r => (decimal)r.ElapsedNs)];

    public decimal MeanElapsed => Elapsed.Sum() / Elapsed.Count;

    public Summary Summarise(Func<RunResult, decimal> value) => Summary.Of([.. runs.Select(value)]);

    /// <summary>Elapsed time of <paramref name="other"/> divided by that of this one; null if one did not
    /// finish.</summary>
    public Summary? SpeedupOver(Sample? other) =>
        other is { Finished: true } && Finished && Elapsed.All(e => e > 0) ? Ratio.Of(other.Elapsed, Elapsed) : null;

    /// <summary>Gain over the baseline as a share of the oracle's; null where either gain is within noise, that is, its
    /// interval includes 0, or cannot be told for want of repetitions; and where the oracle gains nothing.</summary>
    public Summary? ShareOfGain(Sample? baseline, Sample? oracle)
    {
        if (baseline is not { Finished: true } || oracle is not { Finished: true } || !Finished)
        {
            return null;
        }

        decimal[] gains = [.. baseline.Elapsed.Zip(Elapsed, (b, e) => b - e)];
        decimal[] most = [.. baseline.Elapsed.Zip(oracle.Elapsed, (b, o) => b - o)];
        return WithinNoise(gains) || WithinNoise(most) || most.Any(m => m <= 0) ? null : Ratio.Of(gains, most);
    }

    private static bool WithinNoise(decimal[] gains)
    {
        var summary = Summary.Of(gains);
        return !summary.HasInterval || (summary.Low <= 0 && summary.High >= 0);
    }
}
