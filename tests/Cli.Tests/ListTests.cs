using System.Text.Json.Nodes;

namespace UapiLab.Cli.Tests;

public sealed class ListTests
{
    [Fact]
    public async Task List_names_encodings_workloads_and_policies()
    {
        var outcome = await CommandLine.Run("list");

        Assert.Equal(0, outcome.Exit);
        foreach (var name in new[] { "never-async", "single-bit", "multi-bit", "async-hint", "oracle", "mixed-threads",
            "post-copy", "re-arm", "predict", "background", "wait(10us)" })
        {
            Assert.Contains(name, outcome.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task List_as_json_has_every_option_with_its_default()
    {
        var root = JsonNode.Parse((await CommandLine.Run("list", "--json")).Out)!;

        Assert.Equal(1, (int)root["schemaVersion"]!);
        Assert.Equal(8, root["workloads"]!.AsArray().Count);
        var option = root["encodings"]!.AsArray().Single(e => (string)e!["id"]! == "async-hint")!["options"]![0]!;
        Assert.Equal("inject", (string)option["name"]!);
        Assert.Contains((string)option["default"]!, option["values"]!.AsArray().Select(v => (string)v!));
    }
}
