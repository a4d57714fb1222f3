using UapiLab.Tests;
using UapiLab.Harness.Foundation;
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
    public void The_hosts_in_the_document_are_those_in_the_code() =>
        GeneratedDoc.Check("docs/costs.md", "hosts",
        [
            "| host | is | differs from the table in |",
            "| --- | --- | --- |",
            .. HostProfile.All.Select(h => $"| `{h.Id}` | {h.Summary} | {Differences(h)} |"),
        ]);

    [Fact]
    public void Every_value_lies_within_its_range() =>
        Assert.All(HostProfile.All.SelectMany(h => h.Costs.Entries), e => Assert.InRange(e.Ns, e.LowNs, e.HighNs));

    [Fact]
    public void The_default_host_is_the_table_and_the_others_are_not()
    {
        Assert.Equal(CostTable.Default.Entries, HostProfile.Default.Costs.Entries);
        Assert.All(HostProfile.All.Skip(1), h => Assert.NotEmpty(h.Differs));
        Assert.Distinct(HostProfile.All.Select(h => h.Id));
    }

    [Fact]
    public void A_host_that_does_not_exist_is_answered_with_those_that_do() =>
        Assert.Contains("current", Assert.Throws<InputException>(() => HostProfile.Named("curent")).Message);

    private static string Differences(HostProfile host) => host.Differs.Count == 0 ? "nothing" : string.Join("; ",
        host.Differs.Select(e => $"`{e.Name}` {Durations.Format(e.Ns)}"
            + (e.LowNs < e.HighNs ? $" ({Durations.Format(e.LowNs)} to {Durations.Format(e.HighNs)})" : "")
            + $", {e.Origin.ToString().ToLowerInvariant()}: {e.Source}"));
}
