using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;

namespace UapiLab.Harness.Checking;

/// <summary>What a check of one encoding on one instance came to.</summary>
/// <param name="Encoding">With its options, as typed.</param>
/// <param name="Instance">The machine.</param>
/// <param name="Result">Verdicts and what was covered.</param>
/// <param name="Histories">One for each broken property, shortest possible; none for a property where the bounds of the
/// search forbid to tell it.</param>
/// <param name="Searches">How often the search was run: again for each thing learned of how the encoding guards its
/// words.</param>
public sealed record CheckOutcome(string Encoding, CheckInstance Instance, SearchResult Result,
    IReadOnlyList<History> Histories, int Searches)
{
    /// <summary>Entry points that were seen to compute with a token. The instance draws the lowest free token, which is
    /// not the same as KVM's counter for them: <see cref="CheckInstance.TokenCounter"/> is.</summary>
    public IReadOnlyList<string> ComputesWithTokens { get; init; } = [];

    /// <summary>If a bound ended the search: words of the encoding that take many values, and how many in random
    /// schedules.</summary>
    public IReadOnlyList<string> GrowingWords { get; init; } = [];

    /// <summary>Rules of later kernels that this one does not keep, and the verdicts that are others on the newest
    /// one.</summary>
    public IReadOnlyList<string> KernelDifferences { get; init; } = [];

    /// <summary>A property that must hold is broken.</summary>
    public bool IsBroken => Result.Properties.Any(p => p.Verdict == PropertyVerdict.Broken);

    /// <summary>No property is broken, and a bound was hit before everything was looked at.</summary>
    public bool IsUndecided => !IsBroken && Result.Properties.Any(p => p.Verdict == PropertyVerdict.NotDecided);
}
