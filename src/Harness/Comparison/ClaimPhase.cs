using UapiLab.Harness.Simulation;
using UapiLab.Harness.Statistics;

namespace UapiLab.Harness.Comparisons;

/// <summary>Measures what claims are about, and decides them.</summary>
internal static class ClaimPhase
{
    /// <summary>Runs what the claims need, and decides each.</summary>
    public static IReadOnlyList<ClaimResult> Run(Bench bench, string phase, IReadOnlyList<(string Source, Claim Claim)> claims)
    {
        bench.Pool.Do(phase, claims.SelectMany(c => Involved(bench, c.Claim).SelectMany(e => bench.Jobs(e, Workload(c.Claim)))));
        return [.. claims.Select(c => Decide(bench, c.Source, c.Claim))];
    }

    /// <summary>Whether a measured quantity satisfies a relation.</summary>
    internal static Verdict Judge(Summary measured, Relation relation, decimal value, decimal tolerance) => relation switch
    {
        Relation.Less => Judge(measured.High < value, measured.Low >= value),
        Relation.AtMost => Judge(measured.High <= value, measured.Low > value),
        Relation.Greater => Judge(measured.Low > value, measured.High <= value),
        Relation.AtLeast => Judge(measured.Low >= value, measured.High < value),
        _ => Judge(
            measured.Low >= value - tolerance && measured.High <= value + tolerance,
            measured.High < value - tolerance || measured.Low > value + tolerance),
    };

    private static Verdict Judge(bool holds, bool contradicted) =>
        holds ? Verdict.Holds : contradicted ? Verdict.DoesNotHold : Verdict.NotDecided;

    private static ClaimResult Decide(Bench bench, string source, Claim claim)
    {
        foreach (var encoding in Involved(bench, claim))
        {
            if (bench.FailureOf(encoding, Workload(claim)) is { } failure)
            {
                return new(source, claim, Verdict.NotDecided, null, $"{encoding.Name}: {failure.Text}");
            }
        }

        var (measured, reason) = Measure(bench, claim);
        return measured is { } quantity
            ? new(source, claim, Judge(quantity, claim.Relation, claim.Value, claim.Tolerance), quantity, "")
            : new(source, claim, Verdict.NotDecided, null, reason);
    }

    private static (Summary? Measured, string Reason) Measure(Bench bench, Claim claim)
    {
        if (Series(bench, claim, claim.Encoding) is not { } first)
        {
            return (null, "there is no value: a run is missing or did not finish, or the gain is within noise");
        }

        if (claim.Versus is null)
        {
            return (Summary.Of(first), "");
        }

        if (Series(bench, claim, claim.Versus) is not { } second)
        {
            return (null, $"there is no value for {claim.Versus.Name}");
        }

        if (claim.By == VersusMode.Difference)
        {
            return (Summary.Of([.. first.Zip(second, (a, b) => a - b)]), "");
        }

        return second.Contains(0) ? (null, $"{claim.Versus.Name} has 0, and a ratio needs more") : (Ratio.Of(first, second), "");
    }

    /// <summary>The quantity of one encoding, seed by seed.</summary>
    private static IReadOnlyList<decimal>? Series(Bench bench, Claim claim, PlannedEncoding encoding)
    {
        if (bench.SampleOf(encoding, Workload(claim)) is not { } sample)
        {
            return null;
        }

        if (IsCompared(claim.Metric))
        {
            return Compared(bench, claim, sample);
        }

        if (!sample.Finished && claim.Metric.Name.EndsWith("Ns", StringComparison.Ordinal))
        {
            return null;
        }

        var value = claim.Metric.Value!;
        if (claim.Per is null)
        {
            return [.. sample.Runs.Select(value)];
        }

        var divisor = claim.Per.Value!;
        return sample.Runs.Any(r => divisor(r) == 0) ? null : [.. sample.Runs.Select(r => value(r) / divisor(r))];
    }

    private static decimal[]? Compared(Bench bench, Claim claim, Sample sample)
    {
        if (bench.SampleOf(bench.Baseline, Workload(claim)) is not { Finished: true } baseline || sample.SpeedupOver(baseline) is null)
        {
            return null;
        }

        if (claim.Metric == Metric.Speedup)
        {
            return [.. baseline.Elapsed.Zip(sample.Elapsed, (b, e) => b / e)];
        }

        return bench.SampleOf(bench.Oracle, Workload(claim)) is { } oracle && sample.ShareOfGain(baseline, oracle) is not null
            ? [.. baseline.Elapsed.Zip(sample.Elapsed, (b, e) => b - e).Zip(baseline.Elapsed.Zip(oracle.Elapsed, (b, o) => b - o), (e, o) => e / o)]
            : null;
    }

    private static bool IsCompared(Metric metric) => metric.Value is null;

    private static Variation Workload(Claim claim) =>
        claim.Workload.At(claim.Workload.Predict, claim.Policy ?? claim.Workload.CommonPolicy);

    private static IEnumerable<PlannedEncoding> Involved(Bench bench, Claim claim)
    {
        yield return claim.Encoding;
        if (claim.Versus is not null)
        {
            yield return claim.Versus;
        }

        if (IsCompared(claim.Metric) && bench.Baseline is not null)
        {
            yield return bench.Baseline;
        }

        if (claim.Metric == Metric.OracleShare && bench.Oracle is not null)
        {
            yield return bench.Oracle;
        }
    }
}
