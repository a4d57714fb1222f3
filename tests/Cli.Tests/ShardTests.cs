using System.Text.Json;
using UapiLab.Cli.Shards;

namespace UapiLab.Cli.Tests;

/// <summary>A run in shards, and put together again.</summary>
public sealed class ShardTests
{
    /// <summary>Schedules of which one in the fourth chunk breaks something.</summary>
    internal static readonly string[] Walks =
        ["check", "single-bit:variant=as-posted", "--instance", "careless", "--random", "6000", "--steps", "80"];

    /// <summary>Schedules that break nothing.</summary>
    private static readonly string[] s_fine =
        ["check", "single-bit", "--instance", "quick:vcpus=1", "--random", "4000", "--steps", "50"];

    private static readonly string[] s_concerns = ["concerns", "single-bit", "never-async", "C2", "C13"];

    /// <summary>Everything that a comparison has: predictions, claims, sweep, break-even and ranges of costs.</summary>
    private static string[] Comparison(CommandLine line) =>
    [
        "compare", "single-bit", "multi-bit", "--workload", "mixed-threads:pages=6", "--workload", "all-sync:pages=4",
        "--seeds", "2", "--proposals", line.Folder("proposals"),
    ];

    /// <summary>Does each shard of a command, into the folder "shards".</summary>
    internal static async Task Do(CommandLine line, string[] command, int of)
    {
        for (var shard = 1; shard <= of; shard++)
        {
            var outcome = await CommandLine.Run(
                [.. command, "--shard", $"{shard}/{of}", "--out", line.Path("shards")]);

            Assert.Empty(outcome.Error);
            Assert.Equal(0, outcome.Exit);
            Assert.StartsWith($"Shard {shard}/{of}: ", outcome.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_comparison_in_three_shards_is_the_comparison()
    {
        using var line = new CommandLine();
        var command = Comparison(line);
        var whole = await CommandLine.Run([.. command, "--out", line.Path("whole"), "--json", "--quiet"]);
        await Do(line, command, of: 3);

        var merged = await CommandLine.Run("merge", line.Path("shards"), "--out", line.Path("merged"), "--json");

        Assert.Equal(whole.Exit, merged.Exit);
        Assert.Equal(WithoutSurroundings(whole.Out), WithoutSurroundings(merged.Out));
        foreach (var file in new[] { "report.txt", "report.md" })
        {
            Assert.Equal(File.ReadAllText(line.Path($"whole/{file}")), File.ReadAllText(line.Path($"merged/{file}")));
        }
    }

    [Theory]
    [InlineData("concerns")]
    [InlineData("check")]
    public async Task Three_shards_are_the_run_byte_for_byte(string kind)
    {
        using var line = new CommandLine();
        var command = kind == "check" ? Walks : s_concerns;
        var whole = await CommandLine.Run([.. command, "--out", line.Path("whole"), "--json"]);
        await Do(line, command, of: 3);

        var merged = await CommandLine.Run("merge", line.Path("shards"), "--out", line.Path("merged"), "--json");

        Assert.Equal(whole, merged);
        string[] files = [.. Directory.GetFiles(line.Path("whole")).Select(Path.GetFileName).OfType<string>()];
        Assert.NotEmpty(files);
        Assert.Equal(files.Order(), Directory.GetFiles(line.Path("merged")).Select(Path.GetFileName).Order());
        Assert.All(files, file => Assert.Equal(
            File.ReadAllText(line.Path($"whole/{file}")), File.ReadAllText(line.Path($"merged/{file}"))));
    }

    [Fact]
    public async Task Each_unit_is_in_one_shard()
    {
        using var line = new CommandLine();
        await Do(line, s_concerns, of: 3);
        var shards = ShardFile.ReadAll([.. Directory.GetFiles(line.Path("shards"))], CancellationToken.None);

        Assert.Equal(["C2 of single-bit", "C2 of never-async", "C13 of single-bit", "C13 of never-async"],
            shards.SelectMany(s => s.Results).OrderBy(r => r.Unit).Select(r => r.Name));
        Assert.Equal([2, 3, 3], shards.Select(s => s.Missing));
    }

    [Fact]
    public async Task A_shard_does_not_depend_on_threads()
    {
        using var line = new CommandLine();
        foreach (var threads in new[] { "1", "4" })
        {
            await CommandLine.Run(
                [.. Walks, "--shard", "1/1", "--threads", threads, "--out", line.Path(threads)]);
        }

        Assert.Equal(File.ReadAllText(line.Path("1/shard-1-of-1.json")),
            File.ReadAllText(line.Path("4/shard-1-of-1.json")));
    }

    [Fact]
    public async Task What_is_no_run_is_refused_in_one_line_and_writes_nothing()
    {
        using var line = new CommandLine();
        await Do(line, s_fine, of: 3);
        var (first, second, third) = (Shard(line, 1), Shard(line, 2), Shard(line, 3));
        var read = ShardFile.ReadAll([first, second, third], CancellationToken.None)[1];
        string Changed(string name, ShardFile to) => line.Write(name, to.Write());
        ShardFile Of(string key, string value) => read with { Run = new(read.Run) { [key] = value } };

        var text = File.ReadAllText(second);
        await Refuses(line, "its digest is of other content, expected the file as it was written", first, third,
            line.Write("altered.json", text.Replace("\"steps\":", "\"steps\":1", StringComparison.Ordinal)));
        await Refuses(line, "expected a file that --shard has written: ", first, third,
            line.Write("cut.json", text[..(text.Length / 2)]));
        await Refuses(line, "expected a file that --shard has written", first, third, line.Write("other.json", "{}"));
        await Refuses(line, "shard-2-of-3.json: is missing: expected 3 shards", first, third);
        await Refuses(line, "is shard 2/3 again, expected it once: ", first, second, third,
            Changed("again.json", read));
        await Refuses(line, "version is 9.9, expected ", first, third, Changed("version.json", Of("version", "9.9")));
        await Refuses(line, "plan is x, expected ", first, third, Changed("plan.json", Of("plan", "x")));
        await Refuses(line, "seed is 2, expected 1 as in ", first, third, Changed("seed.json", Of("seed", "2")));
        await Refuses(line, "number of shards is 4, expected 3 as in ", first, third,
            Changed("number.json", read with { Of = 4 }));
        await Refuses(line, "expected a result of unit 1 in one of the shards", first, third,
            Changed("less.json", read with { Results = [] }));
        Assert.False(Directory.Exists(line.Path("merged/none")));
    }

    [Fact]
    public async Task Shards_of_other_costs_are_refused()
    {
        using var line = new CommandLine();
        var command = Comparison(line);
        var costs = line.Write("costs.json", "{ \"vmExit\": 600 }\n");
        var known = await CommandLine.Run([.. command, "--costs", costs, "--shard", "1/1", "--out", line.Path("one")]);
        Assert.True(known.Exit == 0, known.Error);
        File.WriteAllText(costs, File.ReadAllText(costs).Replace("600", "700", StringComparison.Ordinal));

        var outcome = await CommandLine.Run("merge", line.Path("one"), "--out", line.Path("merged"));

        Assert.Equal(2, outcome.Exit);
        Assert.Contains(": costs is ", outcome.Error, StringComparison.Ordinal);
        Assert.EndsWith(": merge with the program and the files that the shards had\n", outcome.Error,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(line.Path("merged")));
    }

    private static async Task Refuses(CommandLine line, string why, params string[] files)
    {
        var outcome = await CommandLine.Run(["merge", .. files, "--out", line.Path("merged/none")]);

        Assert.Equal(2, outcome.Exit);
        Assert.Empty(outcome.Out);
        Assert.Contains(why, outcome.Error, StringComparison.Ordinal);
        Assert.Equal(outcome.Error.Length - 1, outcome.Error.IndexOf('\n', StringComparison.Ordinal));
    }

    private static string Shard(CommandLine line, int number) => line.Path($"shards/shard-{number}-of-3.json");

    private static string WithoutSurroundings(string report)
    {
        using var document = JsonDocument.Parse(report);
        return string.Join('\n', document.RootElement.EnumerateObject()
            .Where(p => p.Name is not ("environment" or "timing")).Select(p => p.Name + p.Value.GetRawText()));
    }
}
