using UapiLab.Tests;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Tests.Simulation;

public sealed class CostDocsTests
{
    [Fact]
    public void The_table_in_the_document_is_the_one_in_the_code() =>
        GeneratedDoc.Check("docs/costs.md", "costs",
        [
            "| kind | value | range | origin | reasoning |",
            "| --- | ---: | ---: | --- | --- |",
            .. CostTable.Default.Entries.Select(e =>
                $"| `{CostTableReader.NameOf(e.Kind)}` | {Durations.Format(e.Ns)} | {Durations.Format(e.LowNs)} to "
                    + $"{Durations.Format(e.HighNs)} "
                + $"| {e.Origin.ToString().ToLowerInvariant()} | {e.Source} |"),
        ]);

    [Fact]
    public void Every_value_lies_within_its_range() =>
        Assert.All(CostTable.Default.Entries, e => Assert.InRange(e.Ns, e.LowNs, e.HighNs));
}
