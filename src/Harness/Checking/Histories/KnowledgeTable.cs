namespace UapiLab.Harness.Checking;

/// <summary>Who knows what, and from which step on.</summary>
public sealed record KnowledgeTable
{
    /// <summary>What the table is about: the heading of the section.</summary>
    public required string Title { get; init; }
    /// <summary>Columns: KVM, the VMM, a guest task…</summary>
    public required IReadOnlyList<string> Parties { get; init; }
    /// <summary>Rows.</summary>
    public required IReadOnlyList<KnownFact> Facts { get; init; }
}

/// <summary>A fact and who knows it.</summary>
/// <param name="Fact">What is known: "the fetch of gfn 1 is under way".</param>
/// <param name="Since">For each party the step after which it knows; 0 = from the start, null = never.</param>
public sealed record KnownFact(string Fact, IReadOnlyList<int?> Since);
