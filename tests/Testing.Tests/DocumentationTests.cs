using UapiLab.Testing.Tests.Seeded;

namespace UapiLab.Testing.Tests;

/// <summary>docs/testing-kit.md is about the kit as it is.</summary>
public sealed class DocumentationTests
{
    private static string Text => File.ReadAllText(Path.Combine(Root, "docs", "testing-kit.md"));

    [Fact]
    public void Its_example_is_the_one_that_is_tested() =>
        Assert.Contains("```csharp\n"
            + File.ReadAllText(Path.Combine(Root, "tests", "Testing.Tests", "ExampleTests.cs")) + "```\n", Text,
            StringComparison.Ordinal);

    [Fact]
    public void It_names_every_property() =>
        Assert.All(ConformanceKit.Properties, p => Assert.Contains($"`{p.Key}`", Text, StringComparison.Ordinal));

    [Fact]
    public void It_says_who_catches_each_seeded_defect()
    {
        const string Head =
            "| defect | fails first | by rule | the checker's rule | is broken in |\n| --- | --- | --- | --- | --- |\n";
        var rows = SeededDefectTests.Catches.Select(row => row.Data).Select(d =>
            $"| `{d.Item1}` | `{d.Item2}` | {d.Item3} | {d.Item5} | "
                + $"{(d.Item4 == d.Item2 ? "the same" : $"`{d.Item4}`")} |\n");
        Assert.Contains(Head + string.Concat(rows) + "\n", Text, StringComparison.Ordinal);
    }

    private static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "UapiLab.sln")))
            {
                folder = Path.GetDirectoryName(folder)
                    ?? throw new InvalidOperationException("the tests run outside the repository");
            }

            return folder;
        }
    }
}
