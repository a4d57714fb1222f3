using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace UapiLab.Bench;

/// <summary>How <c>full</c> measures the lab itself: an operation is long, and there is nothing in C to hold it
/// against.</summary>
internal class Alone : ManualConfig
{
    public Alone()
    {
        AddJob(Job.Default
            .WithToolchain(new InProcessEmitToolchain(timeout: TimeSpan.FromHours(1), logOutput: false))
            .WithInvocationCount(1)
            .WithUnrollFactor(1)
            .WithWarmupCount(3)
            .WithIterationCount(9));
        AddColumn(StatisticColumn.Median);
        HideColumns(Column.Error, Column.Gen0, Column.Toolchain, Column.InvocationCount, Column.UnrollFactor,
            Column.WarmupCount, Column.IterationCount);
    }
}
