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
