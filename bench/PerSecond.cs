using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace UapiLab.Bench;

/// <summary>A column that says how many of something one core does in a second.</summary>
/// <param name="name">Heading.</param>
/// <param name="count">How many one operation does for an encoding; the runs repeat, so it can be counted
/// afterwards.</param>
/// <param name="unit">Of how many.</param>
internal sealed class PerSecond(string name, Func<string, long> count, double unit) : IColumn
{
    public string Id => name;
    public string ColumnName => name;
    public bool AlwaysShow => true;
    public ColumnCategory Category => ColumnCategory.Custom;
    public int PriorityInCategory => 0;
    public bool IsNumeric => true;
    public UnitType UnitType => UnitType.Dimensionless;
    public string Legend => $"{name} of one core";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        summary[benchmarkCase]?.ResultStatistics?.Mean is { } nanoseconds
            ? (count((string)benchmarkCase.Parameters["Encoding"]) / (nanoseconds / 1e9) / unit)
                .ToString("F2", CultureInfo.InvariantCulture)
            : "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) =>
        GetValue(summary, benchmarkCase);
    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
    public bool IsAvailable(Summary summary) => true;
}
