using UapiLab.Tests;
using UapiLab.Cli.Published;
using UapiLab.Encodings;
using UapiLab.Harness.Lab.Published;
using UapiLab.Harness.Registry;

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
    public void Only_the_rows_that_may_be_are_fitted()
    {
        var fits = PublishedPlan.Series(Registry).SelectMany(s => s.Fits.Select(f => (s.Table, s.Name, f.Vcpus)))
            .ToHashSet();

        Assert.All(fits, fit => Assert.Contains(fit.Vcpus, fit.Table == "demand-paging" ? [1, 64] : new[] { 2 }));
        Assert.Equal(fits, [.. PublishedPlan.Rows().Where(r => r.IsFitted).Select(r => (r.Table, r.Series, r.Vcpus))]);
    }

    [Fact]
    public void What_is_predicted_does_not_depend_on_what_was_measured_there()
    {
        var rows = PublishedPlan.Rows();
        PublishedRow[] wrong =
            [.. rows.Select(r => r.IsFitted ? r : r with { PagesPerSecond = (r.PagesPerSecond / 3) + 1 })];

        Assert.Equal(Simulated(rows), Simulated(wrong));
        Assert.NotEqual(Simulated(rows),
            Simulated([.. rows.Select(r => r with { PagesPerSecond = r.PagesPerSecond * 9 / 10 })]));
    }

    [Theory]
    [InlineData("single-bit", "--published single-bit: expected no other argument than --seed")]
    [InlineData("--json", "--published --json: expected no other argument than --seed")]
    [InlineData("--seeds=3", "--published --seeds: expected no other argument than --seed")]
    public async Task What_would_be_ignored_is_refused(string argument, string message)
    {
        var (exit, _, error) = await CommandLine.Run("compare", "--published", argument);

        Assert.Equal(2, exit);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private static EncodingRegistry Registry => new(BuiltInEncodings.All);

    private static IEnumerable<long> Simulated(IReadOnlyList<PublishedRow> rows) =>
        PublishedComparison.Run(rows, PublishedPlan.Series(Registry), PublishedPlan.Costs, seed: 1)
            .SelectMany(r => r.Outcomes).Select(o => o.Simulated);
}
