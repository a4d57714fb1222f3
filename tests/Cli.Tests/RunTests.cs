using System.Text.Json.Nodes;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace UapiLab.Cli.Tests;

/// <summary><c>run</c>: one repetition of a comparison, event by event.</summary>
public sealed class RunTests : IDisposable
{
    private const string Workload = "all-sync:pages=10";

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task It_is_the_first_repetition_of_compare_and_tells_each_event()
    {
        string html = _line.Path("run.html"), json = _line.Path("run.json");
        CommandLine.Outcome run = await CommandLine.Run(
            "run", "single-bit", Workload, "--seed", "7", "--html", html, "--perfetto", json);
        CommandLine.Outcome compared = await CommandLine.Run(
            "compare", "single-bit", "--workload", Workload, "--seed", "7", "--seeds", "1", "--cells-only", "--json",
            "--proposals", _line.Folder("none"), "--out", _line.Path("out"));

        Assert.Equal((0, ""), (run.Exit, run.Error));
        JsonNode metrics = JsonNode.Parse(compared.Out)!["cells"]!.AsArray()
            .First(c => (string)c!["encoding"]! == "single-bit")!["metrics"]!;
        Dictionary<string, int> counts = run.Out.Split("\n\n")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Trim().Split("  ")).ToDictionary(l => l[1], l => int.Parse(l[0]));
        Assert.Equal((double)metrics["exits"]!["mean"]!, counts["kvm_userspace_exit"]);
        Assert.Equal((double)metrics["notPresentInjected"]!["mean"]!, counts["guest_not_present"]);
        Assert.Empty(PerfettoReader.Complaints(await File.ReadAllTextAsync(json), hasClock: true));
        JsonNode data = JsonNode.Parse(new HtmlParser().ParseDocument(await File.ReadAllTextAsync(html))
            .QuerySelector("script[type='application/json']")!.TextContent)!;
        Assert.Equal(counts.Values.Sum(), data["steps"]!.AsArray().Count);
        double[] times = [.. data["steps"]!.AsArray().Select(s => double.Parse(
            ((string)s!["events"]!.AsArray()[^1]!).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.True(times[^1] * 1_000 <= (double)metrics["elapsedNs"]!["mean"]!);
    }

    [Fact]
    public async Task What_is_not_known_is_one_line()
    {
        CommandLine.Outcome outcome = await CommandLine.Run("run", "single-bit", "all-sink");
        Assert.Equal(2, outcome.Exit);
        Assert.Contains("all-sink", Assert.Single(outcome.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }
}
