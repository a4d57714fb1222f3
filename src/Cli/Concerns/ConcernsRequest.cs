using UapiLab.Abstractions;
using UapiLab.Harness.Concerns;

namespace UapiLab.Cli.Concerns;

/// <summary>A parsed <c>concerns</c> command line.</summary>
internal sealed record ConcernsRequest(IReadOnlyList<string> Encodings, IReadOnlyList<IConcern> Concerns, bool Explain, bool Json, bool Fresh, ulong Seed, int Threads, string Directory)
{
    /// <summary>Where cells are decided in which a plugin's code has a part; null if here.</summary>
    public RemoteCells? Elsewhere { get; init; }

    /// <summary>Tells whoever watches this process that it gets on, and with what.</summary>
    public Action<string> Beat { get; init; } = static _ => { };
}
