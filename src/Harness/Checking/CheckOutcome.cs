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

    /// <summary>What came of searching again without reductions; null if that was not tried.</summary>
    public Repetition? Repetition { get; init; }

    /// <summary>A property that must hold is broken.</summary>
    public bool IsBroken => Result.Properties.Any(p => p.Verdict == PropertyVerdict.Broken);

    /// <summary>No property is broken, and a bound was hit before everything was looked at.</summary>
    public bool IsUndecided => !IsBroken && Result.Properties.Any(p => p.Verdict == PropertyVerdict.NotDecided);
}

/// <summary>A search without fused steps and other names, of what held with them.</summary>
/// <param name="States">Its states.</param>
/// <param name="Bound">What ended it early; null if it looked at everything.</param>
/// <param name="Differing">Properties of which it says something else. A reduction was wrong, and the outcome is that
/// of this search.</param>
public sealed record Repetition(long States, string? Bound, IReadOnlyList<string> Differing)
{
    /// <summary>Compares a search with one without reductions.</summary>
    internal static Repetition Of(SearchResult reduced, SearchResult whole) =>
        whole.IsExhausted || whole.Properties.Any(p => p.Verdict == PropertyVerdict.Broken)
            ? new(whole.States, null,
            [
                .. whole.Properties.Zip(reduced.Properties)
                    .Where(both => both.First.Verdict != both.Second.Verdict)
                    .Select(both => both.First.Property.Name),
            ])
            : new(whole.States,
                whole.Bound!.StartsWith("states", StringComparison.Ordinal) ? "too large" : whole.Bound, []);

    /// <summary>It looked at everything and says the same.</summary>
    public bool IsSame => Bound is null && Differing.Count == 0;

    /// <summary>What is said of it beside what was covered.</summary>
    public string Words => IsSame ? Invariant($"same without reductions ({States:N0} states)")
        : Bound is not null ? $"not repeated without reductions: {Bound}"
        : $"A REDUCTION IS WRONG: {string.Join(", ", Differing)} differ without reductions. Please report it";
}
