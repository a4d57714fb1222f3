using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Comparisons;

/// <summary>How a measured quantity must relate to the value of a claim.</summary>
public enum Relation
{
    /// <summary>&lt;</summary>
    Less,
    /// <summary>&lt;=</summary>
    AtMost,
    /// <summary>=, within the tolerance.</summary>
    Equal,
    /// <summary>&gt;=</summary>
    AtLeast,
    /// <summary>&gt;</summary>
    Greater,
}

/// <summary>How two encodings are compared.</summary>
public enum VersusMode
{
    /// <summary>First divided by second, seed by seed.</summary>
    Ratio,
    /// <summary>First less second, seed by seed.</summary>
    Difference,
}

/// <summary>A statement about a metric that a comparison can check.</summary>
public sealed record Claim
{
    /// <summary>Unique within its proposal.</summary>
    public required string Id { get; init; }
    /// <summary>The statement in words.</summary>
    public required string Text { get; init; }
    /// <summary>One of <see cref="Comparisons.Metric.Claimable"/>.</summary>
    public required Metric Metric { get; init; }
    /// <summary>Metric to divide by, run by run; null = none.</summary>
    public Metric? Per { get; init; }
    /// <summary>The encoding the statement is about.</summary>
    public required PlannedEncoding Encoding { get; init; }
    /// <summary>The encoding to compare with; null = none.</summary>
    public PlannedEncoding? Versus { get; init; }
    /// <summary>How to compare.</summary>
    public VersusMode By { get; init; }
    /// <summary>On what.</summary>
    public required PlannedWorkload Workload { get; init; }
    /// <summary>Under which policy; null = the common one of the workload.</summary>
    public VmmPolicy? Policy { get; init; }
    /// <summary>The relation claimed.</summary>
    public required Relation Relation { get; init; }
    /// <summary>The value claimed.</summary>
    public required decimal Value { get; init; }
    /// <summary>Half width of what counts as equal; used by <see cref="Relation.Equal"/> only.</summary>
    public decimal Tolerance { get; init; }
    /// <summary>What it means if this does not hold; used by expectations only.</summary>
    public string Otherwise { get; init; } = "";
}

/// <summary>A statement about a concern of the thread.</summary>
/// <param name="Concern">C1 to C16.</param>
/// <param name="Verdict">What is claimed.</param>
/// <param name="Text">The statement in words.</param>
public sealed record ConcernClaim(string Concern, ConcernVerdict Verdict, string Text);

/// <summary>A statement about a property on an instance of the checker.</summary>
/// <param name="Property">As typed.</param>
/// <param name="Instance">The machine.</param>
/// <param name="IsBroken">Whether it is claimed to be broken, or seen, rather than to hold, or never to be seen.</param>
/// <param name="Text">The statement in words.</param>
/// <param name="Encoding">Of which encoding; a variant that is small enough to be decided, say.</param>
public sealed record PropertyClaim(string Property, Checking.CheckInstance Instance, bool IsBroken, string Text, PlannedEncoding Encoding);

/// <summary>A proposal with its claims.</summary>
/// <param name="Folder">Folder name below <c>proposals</c>.</param>
/// <param name="Title">Title.</param>
/// <param name="Status">draft, proposed or withdrawn.</param>
/// <param name="Encoding">The encoding proposed.</param>
/// <param name="Claims">In the order of the file.</param>
public sealed record Proposal(string Folder, string Title, string Status, PlannedEncoding Encoding, IReadOnlyList<Claim> Claims)
{
    /// <summary>What it says of concerns.</summary>
    public IReadOnlyList<ConcernClaim> Concerns { get; init; } = [];

    /// <summary>What it says of properties.</summary>
    public IReadOnlyList<PropertyClaim> Properties { get; init; } = [];
}
