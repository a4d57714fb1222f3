using BenchmarkDotNet.Attributes;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Bench;

/// <summary>How fast the simulator is on one core: post-copy with 64 vCPUs, one whole run per operation.</summary>
[Config(typeof(Throughput))]
public class SimulatorSpeed
{
    private const string Workload = "post-copy:vcpus=64,policy=wait(0ns)";

    /// <summary>What there is to measure.</summary>
    public static IEnumerable<string> Encodings => Chosen.Names;

    /// <summary>Encoding simulated.</summary>
    [ParamsSource(nameof(Encodings))]
    public string Encoding { get; set; } = "";

    /// <summary>Machine and memory are set up outside the measurement.</summary>
    private Simulator? _simulator;

    private static Simulator Prepare(string encoding) =>
        new(Chosen.Encoding(encoding), WorkloadCatalog.BuiltIn.Resolve(Workload), CostTable.Default, seed: 1);

    [IterationSetup]
    public void SetUp() => _simulator = Prepare(Encoding);

    [IterationCleanup]
    public void CleanUp() => _simulator?.Dispose();

    [Benchmark]
    public long Run() => _simulator!.Run().Steps;

    /// <summary>Adds steps and faults per second, from the counts of the same deterministic run.</summary>
    private sealed class Throughput : Alone
    {
        public Throughput() =>
            AddColumn(new PerSecond("Msteps/s", e => Count(e).Steps, 1e6),
                new PerSecond("kfaults/s", e => Count(e).Faults, 1e3));

        private static RunResult Count(string encoding)
        {
            using var run = Prepare(encoding);
            return run.Run();
        }
    }
}
