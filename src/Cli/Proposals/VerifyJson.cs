using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Proposals;

namespace UapiLab.Cli.Proposals;

/// <summary>Claims, what was measured and verdicts as JSON (docs/report-format.md).</summary>
internal static class VerifyJson
{
    public static string Write(VerifyRequest request, int exit, IEnumerable<VerifiedFolder> proposals) =>
        JsonText.Write(new
        {
            schema = 1,
            seed = Invariant($"{request.Seed}"),
            request.Seeds,
            exit,
            proposals = proposals.Select(p => new
            {
                proposal = p.Verified.Proposal.Folder,
                p.Verified.Proposal.Title,
                encoding = p.Verified.Proposal.Encoding.Name,
                claims = p.Verified.Outcomes.Select(Claim),
                evidence = p.Evidence.Words(),
                p.Stale,
            }),
        });

    private static object Claim(ClaimOutcome outcome)
    {
        var claim = outcome.Metric?.Claim;
        return new
        {
            outcome.Kind,
            outcome.Id,
            outcome.Text,
            verdict = outcome.Verdict.Words(),
            outcome.Claimed,
            outcome.Found,
            metric = claim?.Metric.Name,
            per = claim?.Per?.Name,
            relation = claim is null ? null : Words.Of(claim.Relation),
            claim?.Value,
            claim?.Tolerance,
            measured = outcome.Metric?.Measured is { } m ? new { m.Mean, m.Low, m.High } : null,
            outcome.Command,
        };
    }
}
