using UapiLab.Cli.Ci;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Lab.Proposals;

namespace UapiLab.Cli.Proposals;

/// <summary>How the evidence of a proposal stands to what was found.</summary>
internal enum EvidenceState
{
    /// <summary>It was not looked at: interrupted.</summary>
    NotCompared,
    UpToDate,
    NoneYet,
    Stale,
    Written,
}

/// <summary>A proposal with its claims and its evidence, as far as it was verified.</summary>
internal sealed record VerifiedFolder(VerifiedProposal Verified)
{
    public EvidenceState Evidence { get; set; }

    /// <summary>Files that are missing, of another content, or not written any more.</summary>
    public IReadOnlyList<string> Stale { get; set; } = [];

    /// <summary>For other tools.</summary>
    public IEnumerable<CiCase> Cases
    {
        get
        {
            var folder = Verified.Proposal.Folder;
            foreach (var outcome in Verified.Outcomes)
            {
                yield return new(folder, $"{outcome.Kind} {outcome.Id}", outcome.Verdict switch
                {
                    Verdict.Holds => CiVerdict.Passed,
                    Verdict.DoesNotHold => CiVerdict.Failed,
                    _ => CiVerdict.Error,
                }, outcome.Verdict == Verdict.Holds ? "" : Beside(outcome), outcome.Details);
            }

            if (Evidence != EvidenceState.NotCompared)
            {
                var isFine = Evidence is EvidenceState.Written or EvidenceState.UpToDate;
                yield return new(folder, "evidence", isFine ? CiVerdict.Passed : CiVerdict.Failed, isFine ? ""
                    : Evidence == EvidenceState.NoneYet ? "none yet"
                    : string.Join(", ", Stale.Select(s => "stale: " + s)));
            }
        }
    }

    /// <summary>The claim in words, what was measured or decided, and beside it what was claimed.</summary>
    public static string Beside(ClaimOutcome outcome) =>
        $"{outcome.Text} Found: {outcome.Found}; claimed: {outcome.Claimed}";
}
