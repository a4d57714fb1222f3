using BenchmarkDotNet.Attributes;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;

namespace UapiLab.Bench;

/// <summary>How fast the checker is on one thread: the first states of an instance too large to be decided at
/// once.</summary>
[Config(typeof(Throughput))]
public class CheckerSpeed
{
    private const long States = 100_000;

    /// <summary>What there is to measure.</summary>
    public static IEnumerable<string> Encodings => Chosen.Names;

    /// <summary>Encoding checked.</summary>
    [ParamsSource(nameof(Encodings))]
    public string Encoding { get; set; } = "";

    [Benchmark]
    public long Run() => Count(Encoding);

    private static long Count(string encoding) =>
        Checker.Run(Chosen.Encoding(encoding), CheckInstance.Full,
            new() { MaxStates = States, StopAtFirst = false }).Result.States;

    /// <summary>Adds states per second.</summary>
    private sealed class Throughput : Alone
    {
        public Throughput() => AddColumn(new PerSecond("kstates/s", Count, 1e3));
    }
}
