using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Comparisons;

/// <summary>Measures what claims are about, and decides them.</summary>
internal static class ClaimPhase
{
    /// <summary>Runs what the claims need, and decides each.</summary>
    public static IReadOnlyList<ClaimResult> Run(ComparisonRun comparison, string phase,
        IReadOnlyList<(string Source, Claim Claim)> claims)
    {
        comparison.Pool.Do(phase, Jobs(comparison, claims.Select(c => c.Claim)));
        return [.. claims.Select(c => Decide(comparison, c.Source, c.Claim))];
    }

    /// <summary>What it takes.</summary>
    public static IEnumerable<RunJob> Jobs(ComparisonRun comparison, IEnumerable<Claim> claims) =>
        claims.SelectMany(c => Involved(comparison, c).SelectMany(e => comparison.Jobs(e, Workload(c))));

    /// <summary>Whether a measured quantity satisfies a relation.</summary>
    internal static Verdict Judge(Summary measured, Relation relation, decimal value, decimal tolerance) =>
        relation switch
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

    private static ClaimResult Decide(ComparisonRun comparison, string source, Claim claim)
    {
        foreach (var encoding in Involved(comparison, claim))
        {
            if (comparison.FailureOf(encoding, Workload(claim)) is { } failure)
            {
                return new(source, claim, Verdict.NotDecided, null, $"{encoding.Name}: {failure.Text}");
            }
        }

        var (measured, reason) = Measure(comparison, claim);
        return measured is { } quantity
            ? new(source, claim, Judge(quantity, claim.Relation, claim.Value, claim.Tolerance), quantity, "")
            : new(source, claim, Verdict.NotDecided, null, reason);
    }

    private static (Summary? Measured, string Reason) Measure(ComparisonRun comparison, Claim claim)
    {
        if (Series(comparison, claim, claim.Encoding) is not { } first)
        {
            return (null, "there is no value: a run is missing or did not finish, or the gain is within noise");
        }

        if (claim.Versus is null)
        {
            return (Summary.Of(first), "");
        }

        if (Series(comparison, claim, claim.Versus) is not { } second)
        {
            return (null, $"there is no value for {claim.Versus.Name}");
        }

        if (claim.By == VersusMode.Difference)
        {
            return (Summary.Of([.. first.Zip(second, (a, b) => a - b)]), "");
        }

        return second.Contains(0) ? (null, $"{claim.Versus.Name} has 0, and a ratio needs more")
            : (Ratio.Of(first, second), "");
    }

    /// <summary>The quantity of one encoding, seed by seed.</summary>
    private static IReadOnlyList<decimal>? Series(ComparisonRun comparison, Claim claim, PlannedEncoding encoding)
    {
        if (comparison.SampleOf(encoding, Workload(claim)) is not { } sample)
        {
            return null;
        }

        if (IsCompared(claim.Metric))
        {
            return Compared(comparison, claim, sample);
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

    private static decimal[]? Compared(ComparisonRun comparison, Claim claim, Sample sample)
    {
        if (comparison.SampleOf(comparison.Baseline, Workload(claim)) is not { Finished: true } baseline
            || sample.SpeedupOver(baseline) is null)
        {
            return null;
        }

        if (claim.Metric == Metric.Speedup)
        {
            return [.. baseline.Elapsed.Zip(sample.Elapsed, (b, e) => b / e)];
        }

        return comparison.SampleOf(comparison.Oracle, Workload(claim)) is { } oracle
            && sample.ShareOfGain(baseline, oracle) is not null
            ? [.. baseline.Elapsed.Zip(sample.Elapsed, (b, e) => b - e)
                .Zip(baseline.Elapsed.Zip(oracle.Elapsed, (b, o) => b - o), (e, o) => e / o)]
            : null;
    }

    private static bool IsCompared(Metric metric) => metric.Value is null;

    private static Variation Workload(Claim claim) =>
        claim.Workload.At(claim.Workload.Predict, claim.Policy ?? claim.Workload.CommonPolicy);

    private static IEnumerable<PlannedEncoding> Involved(ComparisonRun comparison, Claim claim)
    {
        yield return claim.Encoding;
        if (claim.Versus is not null)
        {
            yield return claim.Versus;
        }

        if (IsCompared(claim.Metric) && comparison.Baseline is not null)
        {
            yield return comparison.Baseline;
        }

        if (claim.Metric == Metric.OracleShare && comparison.Oracle is not null)
        {
            yield return comparison.Oracle;
        }
    }
}
