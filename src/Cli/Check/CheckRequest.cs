using UapiLab.Harness.Checking;

namespace UapiLab.Cli.Check;

/// <summary>A parsed <c>check</c> command line.</summary>
internal sealed record CheckRequest
{
    public required IReadOnlyList<string> Encodings { get; init; }
    public required bool All { get; init; }
    public required IReadOnlyList<CheckInstance> Instances { get; init; }
    public required IReadOnlyList<string> Properties { get; init; }
    public required IReadOnlyList<string> Shown { get; init; }
    public required bool Knowledge { get; init; }
    public required IReadOnlyList<string> Required { get; init; }
    public required SearchOptions Search { get; init; }
    public required int Threads { get; init; }
    public required WalkOptions? Random { get; init; }
    public required int TimeSeconds { get; init; }
    public required string Directory { get; init; }
    public required bool Json { get; init; }
    public required bool Quiet { get; init; }

    /// <summary>Told now and then what is being done, as long as something is; and how to do the like on one thread.</summary>
    public Action<string, Action?> Beat { get; init; } = (_, _) => { };
}
