using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Workloads;

namespace UapiLab.Bench;

/// <summary>How fast the simulator is on one core: post-copy with 64 vCPUs, one whole run per operation.</summary>
[Config(typeof(Throughput))]
public class SimulatorSpeed
{
    private const string Workload = "post-copy:vcpus=64,policy=wait(0ns)";

    /// <summary>Encoding simulated; the baseline is the one without any APF work.</summary>
    [Params("never-async", "single-bit", "multi-bit", "async-hint", "async-hint:inject=at-fault")]
    public string Encoding { get; set; } = "";

    /// <summary>Machine and memory are set up outside the measurement.</summary>
    private Simulator? simulator;

    internal static Simulator Prepare(string encoding) =>
        new(new EncodingRegistry(BuiltInEncodings.All).Resolve(encoding), WorkloadCatalog.Resolve(Workload), CostTable.Default, seed: 1);

    [IterationSetup]
    public void SetUp() => simulator = Prepare(Encoding);

    [IterationCleanup]
    public void CleanUp() => simulator?.Dispose();

    [Benchmark]
    public long Run() => simulator!.Run().Steps;

    /// <summary>Adds steps and faults per second, from the counts of the same deterministic run.</summary>
    private sealed class Throughput : ManualConfig
    {
        public Throughput() => AddColumn(new PerSecond("Msteps/s", r => r.Steps, 1e6), new PerSecond("kfaults/s", r => r.Faults, 1e3));
    }

    private sealed class PerSecond(string name, Func<RunResult, long> count, double unit) : IColumn
    {
        public string Id => name;
        public string ColumnName => name;
        public bool AlwaysShow => true;
        public ColumnCategory Category => ColumnCategory.Custom;
        public int PriorityInCategory => 0;
        public bool IsNumeric => true;
        public UnitType UnitType => UnitType.Dimensionless;
        public string Legend => $"{name} of simulated machine per second of one core";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            var mean = summary[benchmarkCase]?.ResultStatistics?.Mean;
            if (mean is null)
            {
                return "-";
            }

            using var run = Prepare((string)benchmarkCase.Parameters[nameof(Encoding)]);
            return (count(run.Run()) / (mean.Value / 1e9) / unit).ToString("F2", System.Globalization.CultureInfo.InvariantCulture);
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
        public bool IsAvailable(Summary summary) => true;
    }
}
