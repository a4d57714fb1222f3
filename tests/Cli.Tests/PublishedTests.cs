using UapiLab.Tests;
using UapiLab.Cli.Published;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Lab.Published;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;

namespace UapiLab.Cli.Tests;

public sealed class PublishedTests
{
    [Fact]
    public async Task The_result_in_the_document_is_what_the_command_prints()
    {
        var (exit, output, error) = await CommandLine.Run("compare", "--published");

        Assert.True(exit == 0, error);
        GeneratedDoc.Check("docs/published.md", "published",
            ["```", .. output.TrimEnd().Split('\n').Select(line => line.TrimEnd('\r')), "```"]);
    }

    [Fact]
    public void The_default_table_takes_for_a_page_what_was_published_for_one()
    {
        var hosts = PublishedPlan.Series(Registry).Where(s => s.SetsHost).Select(series =>
        {
            var row = PublishedPlan.Rows().First(r => r.Table == series.Table && r.Series == series.Name);
            var vms = series.IsPerVcpu ? row.PagesPerSecond * row.Vcpus : row.PagesPerSecond;
            return (Name: $"{row.Table}, {row.Vcpus} vCPU{(row.Vcpus == 1 ? "" : "s")}",
                PageNs: row.Vcpus * 1_000_000_000L / vms,
                Default: PageNs(series, row.Vcpus, CostTable.Default),
                Low: PageNs(series, row.Vcpus, CostTable.Default.AtEnd(high: false)),
                High: PageNs(series, row.Vcpus, CostTable.Default.AtEnd(high: true)));
        }).ToArray();

        Assert.All(hosts, h => Assert.InRange(h.PageNs, h.Low, h.High));
        Assert.All(hosts, h => Assert.InRange(h.Default, hosts.Min(p => p.PageNs), hosts.Max(p => p.PageNs)));
        GeneratedDoc.Check("docs/costs.md", "pages",
        [
            "| on | published | by the table | at its low ends | at its high ends |",
            "| --- | ---: | ---: | ---: | ---: |",
            .. hosts.Select(h => $"| {h.Name} | {Us(h.PageNs)} | {Us(h.Default)} | {Us(h.Low)} | {Us(h.High)} |"),
        ]);
    }

    [Fact]
    public void Only_the_rows_that_may_be_are_fitted()
    {
        var fits = PublishedPlan.Series(Registry).SelectMany(s => s.Fits.Select(f => (s.Table, s.Name, f.Vcpus)))
            .ToHashSet();

        Assert.All(fits, fit => Assert.Contains(fit.Vcpus, fit.Table switch
        {
            "demand-paging" => new[] { 1, 64 },
            "kvm-userfault" => [2],
            _ => [1],
        }));
        Assert.Equal(fits, [.. PublishedPlan.Rows().Where(r => r.IsFitted).Select(r => (r.Table, r.Series, r.Vcpus))]);
    }

    [Fact]
    public void What_is_predicted_does_not_depend_on_what_was_measured_there()
    {
        var rows = PublishedPlan.Rows();
        PublishedRow[] wrong =
            [.. rows.Select(r => r.IsFitted ? r : r with { PagesPerSecond = (r.PagesPerSecond / 3) + 1 })];

        Assert.Equal(Simulated(rows), Simulated(wrong));
        PublishedSeries[] fitted = [PublishedPlan.Series(Registry).First(s => s.Fits.Count > 0)];
        Assert.NotEqual(Simulated(rows, fitted),
            Simulated([.. rows.Select(r => r with { PagesPerSecond = r.PagesPerSecond * 9 / 10 })], fitted));
    }

    [Theory]
    [InlineData("single-bit", "--published single-bit: expected no other argument than --seed and --json")]
    [InlineData("--seeds=3", "--published --seeds: expected no other argument than --seed and --json")]
    public async Task What_would_be_ignored_is_refused(string argument, string message)
    {
        var (exit, _, error) = await CommandLine.Run("compare", "--published", argument);

        Assert.Equal(2, exit);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private static long PageNs(PublishedSeries series, int vcpus, CostTable costs)
    {
        using var simulator = new Simulator(series.Encoding!, series.Workload(vcpus), costs, seed: 1);
        var run = simulator.Run();
        return run.ElapsedNs * vcpus / run.Faults;
    }

    private static string Us(long ns) => Durations.Format((ns + 50) / 100 * 100);

    private static EncodingRegistry Registry => new(BuiltInEncodings.All);

    private static IEnumerable<long> Simulated(IReadOnlyList<PublishedRow> rows,
        IReadOnlyList<PublishedSeries>? series = null) =>
        PublishedComparison.Run(rows, series ?? PublishedPlan.Series(Registry), PublishedPlan.Costs, seed: 1)
            .SelectMany(r => r.Outcomes).Select(o => o.Simulated);
}
