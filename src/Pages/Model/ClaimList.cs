using UapiLab.Harness.Comparisons.Reports;

namespace UapiLab.Pages.Model;

/// <summary>Claims in words, those that do not hold first.</summary>
public sealed record ClaimList(string Title, IReadOnlyList<ClaimPart> Others, IReadOnlyList<ClaimPart> Held)
{
    private const string Holds = "holds";

    public static ClaimList Of(string title, IReadOnlyList<ClaimPart> claims) => new(title,
        [.. claims.Where(c => c.Verdict != Holds).OrderBy(c => c.Verdict, StringComparer.Ordinal)],
        [.. claims.Where(c => c.Verdict == Holds)]);

    public string Summary => Others.Count == 0
        ? Invariant($"All {Held.Count} hold.")
        : Invariant($"{Held.Count} hold, ") + string.Join(", ", Others.CountBy(c => c.Verdict)
            .Select(c => Invariant($"{c.Value} {(c.Key == "does not hold" && c.Value > 1 ? "do not hold" : c.Key)}")))
            + ".";

    public static string Measured(ClaimPart claim) =>
        claim.Measured is { } measured ? Words.Interval(measured.Summary, 4) : claim.Reason;

    public static string Bound(ClaimPart claim) => Invariant($"{claim.Relation} {claim.Value}")
        + (claim.Tolerance == 0 ? "" : Invariant($" ± {claim.Tolerance}"));

    public static string Quantity(ClaimPart claim) =>
        $"{claim.Metric}{(claim.Per is null ? "" : $" per {claim.Per}")} of {claim.Encoding}"
        + $"{(claim.Versus is null ? "" : $" {(claim.By == "ratio" ? "/" : "−")} {claim.Versus}")} on "
        + $"{claim.Workload}, {claim.Policy}";
}
