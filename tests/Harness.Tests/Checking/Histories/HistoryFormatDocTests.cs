using UapiLab.Tests;
using System.Text.Json.Nodes;
using UapiLab.Harness.Checking.Histories;

namespace UapiLab.Harness.Tests.Checking.Histories;

public sealed class HistoryFormatDocTests
{
    private const string Document = "docs/history-format.md";

    private static readonly History s_short = SampleHistory.FourLanes with
    {
        Lanes = [.. SampleHistory.FourLanes.Lanes.Take(3)],
        Steps = [.. SampleHistory.FourLanes.Steps.Skip(5).Take(2).Select((s, i) => s with { Number = i + 1 })],
        InevitableFrom = 2,
        Waiting = [new(0, "READY of token 0x1000", null)],
    };

    [Fact]
    public void Every_file_is_listed() =>
        GeneratedDoc.Check(Document, "files", HistoryFormats.All.Select(f => $"- `{f.File}`: {f.Doc}"));

    [Fact]
    public void The_example_is_what_is_written() =>
        GeneratedDoc.Check(Document, "example",
            ["```json", .. HistoryJson.Write(s_short).TrimEnd().Split('\n'), "```"]);

    [Fact]
    public void Every_member_is_described()
    {
        var text = File.ReadAllText(Path.Combine(GeneratedDoc.Root(), Document));

        Assert.All(Members(JsonNode.Parse(HistoryJson.Write(s_short))),
            member => Assert.Contains($"`{member}`", text, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Members(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(m => Members(m.Value).Prepend(m.Key)),
        JsonArray items => items.SelectMany(Members),
        _ => [],
    };
}
