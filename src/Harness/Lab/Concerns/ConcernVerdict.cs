using System.Text.Json.Serialization;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Concerns.Sweeps;

namespace UapiLab.Harness.Lab.Concerns;

/// <summary>Verdicts in words.</summary>
public static class ConcernVerdicts
{
    /// <summary>As printed, and as written in a proposal.</summary>
    public static string Word(ConcernVerdict verdict) => verdict switch
    {
        ConcernVerdict.HoldsAtACost => "at a cost",
        ConcernVerdict.NeedsAbiBreak => "ABI break",
        _ => verdict.Words(),
    };
}

/// <summary>One piece of evidence.</summary>
/// <param name="Text">What it shows, one sentence with its numbers.</param>
/// <param name="Command">What repeats it, without the name of the tool; empty if it follows from the description
/// alone.</param>
/// <param name="Details">More to read: a history, a pair of runs, a diff; may be empty.</param>
/// <param name="Curve">The curve that it sums up, if it does.</param>
public sealed record Evidence(string Text, string Command, string Details = "", Curve? Curve = null);

/// <summary>One cell of the matrix.</summary>
/// <param name="Concern">C1 to C17, or a plugin's.</param>
/// <param name="Encoding">With its options, as typed.</param>
/// <param name="Verdict">The answer.</param>
/// <param name="Summary">Why, in a few words.</param>
/// <param name="Evidence">At least one piece.</param>
public sealed record ConcernCell(string Concern, string Encoding, ConcernVerdict Verdict, string Summary,
    IReadOnlyList<Evidence> Evidence)
{
    /// <summary>Whether there is nothing to tell: KVM never injects, or one of the two never occurs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool DoesNotArise { get; init; }

    /// <summary>Speed against exit and block where the VMM resolves every fault at once; null unless C10 measured
    /// it.</summary>
    public decimal? SpeedAtOnce { get; init; }
}
