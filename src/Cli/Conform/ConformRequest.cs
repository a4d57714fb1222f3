namespace UapiLab.Cli.Conform;

/// <summary>What <c>conform</c> was asked.</summary>
internal sealed record ConformRequest
{
    public required IReadOnlyList<string> Traces { get; init; }
    public string? Encoding { get; init; }
    public long ToleranceNs { get; init; }
    public string? Reduce { get; init; }
    public bool Predict { get; init; }
    public bool Coverage { get; init; }
    public bool Json { get; init; }
    public bool Quiet { get; init; }
}
