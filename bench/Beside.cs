using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace UapiLab.Bench;

/// <summary>How <c>full</c> measures: each row of an encoding after the same in C, and its ratio to that.</summary>
internal sealed class Beside : ManualConfig
{
    public Beside()
    {
        // In this process, which has the plugins. Short iterations, many of them: other load comes and goes.
        AddJob(Job.Default
            .WithToolchain(new InProcessEmitToolchain(timeout: TimeSpan.FromHours(1), logOutput: false))
            .WithIterationTime(TimeInterval.FromMilliseconds(100))
            .WithWarmupCount(8)
            .WithIterationCount(21));
        AddColumn(CategoriesColumn.Default, StatisticColumn.Median, BaselineRatioColumn.RatioMean);
        HideColumns(Column.Error, Column.Gen0, Column.Toolchain, Column.IterationTime, Column.WarmupCount,
            Column.IterationCount);
        AddLogicalGroupRules(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory);
        WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared));
    }
}
