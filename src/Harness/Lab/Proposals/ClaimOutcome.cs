using UapiLab.Harness.Comparisons;

namespace UapiLab.Harness.Lab.Proposals;

/// <summary>What became of one claim of a proposal.</summary>
/// <param name="Kind">metric, concern or property.</param>
/// <param name="Id">Which.</param>
/// <param name="Verdict">Whether it holds.</param>
/// <param name="Text">The claim in words.</param>
/// <param name="Claimed">The bound or the verdict that it names.</param>
/// <param name="Found">What was measured or decided.</param>
/// <param name="Command">What repeats it.</param>
/// <param name="Details">Histories and pairs of runs; may be empty.</param>
public sealed record ClaimOutcome(string Kind, string Id, Verdict Verdict, string Text, string Claimed, string Found,
    string Command, string Details = "")
{
    /// <summary>What was measured, and beside it what was claimed, where it is about a metric.</summary>
    public ClaimResult? Metric { get; init; }
}

/// <summary>A proposal with every claim run again.</summary>
/// <param name="Proposal">Which.</param>
/// <param name="Outcomes">One for each claim, in the order of the file.</param>
public sealed record VerifiedProposal(Proposal Proposal, IReadOnlyList<ClaimOutcome> Outcomes);
