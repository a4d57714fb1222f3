using UapiLab.Abstractions;

namespace UapiLab.Cli.Bench;

/// <summary>What a <c>bench</c> command line asks for.</summary>
/// <param name="Encodings">Measured in this order.</param>
/// <param name="Pairs">Pairs of runs for each row.</param>
/// <param name="OperationsPerRun">Look-ups or publications in one run of a pair.</param>
/// <param name="Compiler">Of the C baseline.</param>
internal sealed record BenchRequest(IReadOnlyList<Encoding> Encodings, int Pairs, long OperationsPerRun, string Compiler)
{
    public const int ShortPairs = 51;
    public const int FullPairs = 501;

    /// <summary>Off, the first runs are measured: enough to see that there is a row.</summary>
    public bool WarmUp { get; init; } = true;

    /// <summary>Told of each line that is finished.</summary>
    public Action<string> Beat { get; init; } = static _ => { };
}
