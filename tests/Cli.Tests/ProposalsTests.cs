using System.Text.Json;
using Xunit;

namespace UapiLab.Cli.Tests;

/// <summary><c>proposals verify</c> from the command line.</summary>
public sealed class ProposalsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("uapilab-proposals-").FullName;

    private const string Good = """
        {
          "title": "One bit", "status": "draft", "encoding": "single-bit:apf=off",
          "claims": [ { "id": "no-apf", "text": "No not-present.", "metric": "notPresentInjected", "workload": "all-sync:pages=20", "relation": "=", "value": 0 } ],
          "concerns": [ { "id": "C8", "verdict": "at a cost", "text": "No value left." } ],
          "properties": [ { "property": "lost-wakeup", "instance": "queue", "verdict": "holds", "text": "No wake-up is lost." } ]
        }
        """;

    [Fact]
    public async Task Claims_that_hold_pass_once_evidence_is_written()
    {
        Write(Good);
        var first = await Verify();
        Assert.Equal(1, first.Exit);
        Assert.Contains("NONE YET      evidence: run with --update", first.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("STALE", first.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await Verify("--update")).Exit);
        var claims = File.ReadAllText(Path.Combine(_directory, "0009-test", "evidence", "claims.txt"));
        Assert.Contains("uapilab proposals verify 0009-test --update", claims, StringComparison.Ordinal);
        Assert.Contains("seed 1", claims, StringComparison.Ordinal);
        Assert.Equal(0, (await Verify()).Exit);
        File.AppendAllText(Path.Combine(_directory, "0009-test", "evidence", "claims.txt"), "by hand");
        var changed = await Verify();
        Assert.Equal(1, changed.Exit);
        Assert.Contains("STALE         claims.txt", changed.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("What the interface does, in a few words", true, "proposal.json: expected a title of its own, found ")]
    [InlineData("One bit", true, "README.md: expected text of its own, found the template's: \"# Title of the prop")]
    [InlineData("One bit", false, "README.md: expected text of its own, found the template's: \"What else was consi")]
    public async Task Words_of_the_template_are_not_mailed(string title, bool isWhole, string refused)
    {
        Write(Good.Replace("One bit", title, StringComparison.Ordinal));
        var text = Cli.New.NewJob.Template("proposal.md");
        var folder = Path.Combine(_directory, "0009-test");
        await File.WriteAllTextAsync(Path.Combine(folder, "README.md"), isWhole ? text
            : "# One bit\n\n## Alternatives\n" + text.Split("## Alternatives")[1].Split("## ")[0]);
        var run = await CommandLine.Run("proposals", "mail", "0009", "--base", "no-tree", "--proposals", _directory,
            "--out", Path.Combine(_directory, "mail"));

        Assert.Equal((2, ""), (run.Exit, run.Out));
        Assert.StartsWith($"uapilab: {folder}/{refused}", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_directory, "mail")));
    }

    [Fact]
    public async Task Claims_come_as_json_with_what_was_measured()
    {
        Write(Good.Replace("\"value\": 0", "\"value\": 1, \"tolerance\": 0.1", StringComparison.Ordinal));
        var run = await Verify("--json");
        var root = JsonDocument.Parse(run.Out).RootElement;
        var proposal = root.GetProperty("proposals").EnumerateArray().Single();
        var claims = proposal.GetProperty("claims").EnumerateArray().ToArray();

        Assert.Equal(1, run.Exit);
        Assert.Equal(1, root.GetProperty("exit").GetInt32());
        Assert.Equal("0009-test", proposal.GetProperty("proposal").GetString());
        Assert.Equal("none yet", proposal.GetProperty("evidence").GetString());
        Assert.Equal([("metric", "no-apf", "does not hold", "= 1 +/- 0.1"), ("concern", "C8", "holds", "at a cost"),
                ("property", "lost-wakeup on queue", "holds", "holds")],
            claims.Select(c => (Text(c, "kind"), Text(c, "id"), Text(c, "verdict"), Text(c, "claimed"))));
        Assert.Equal(0, claims[0].GetProperty("measured").GetProperty("high").GetDecimal());
        Assert.Equal(1, claims[0].GetProperty("value").GetDecimal());
        Assert.Equal(JsonValueKind.Null, claims[1].GetProperty("measured").ValueKind);

        static string Text(JsonElement claim, string name) => claim.GetProperty(name).GetString()!;
    }

    [Theory]
    [InlineData("\"value\": 0", "\"value\": 1, \"tolerance\": 0.1",
        "DOES NOT HOLD metric no-apf: No not-present. Found: notPresentInjected 0; claimed: = 1 +/- 0.1")]
    [InlineData("at a cost", "holds", "DOES NOT HOLD concern C8: No value left. Found: at a cost: ")]
    [InlineData("\"instance\": \"queue\", \"verdict\": \"holds\"", "\"instance\": \"queue\", \"verdict\": \"broken\"",
        "DOES NOT HOLD property lost-wakeup on queue")]
    public async Task A_claim_that_does_not_hold_fails(string from, string to, string said)
    {
        Write(Good.Replace(from, to, StringComparison.Ordinal));
        var run = await Verify("--update");
        Assert.Equal(1, run.Exit);
        Assert.Contains(said, run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("at a cost", "perhaps", ":4")]
    [InlineData("\"C8\"", "\"C18\"", ":4")]
    [InlineData("queue", "no-such-instance", ":5")]
    [InlineData("lost-wakeup", "no-such-property", ":5")]
    public async Task Bad_members_name_file_and_line(string from, string to, string place)
    {
        Write(Good.Replace(from, to, StringComparison.Ordinal));
        var run = await Verify();
        Assert.Equal(2, run.Exit);
        Assert.Contains("proposal.json" + place, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void The_schema_knows_every_proposal_in_the_repository()
    {
        var schema = JsonSchema.Read("proposals/proposal.schema.json");
        var proposals = Path.Combine(Repository(), "proposals");

        Assert.All(Directory.GetFiles(proposals, "proposal.json", SearchOption.AllDirectories),
            file => Assert.Empty(schema.Complaints(File.ReadAllText(file))));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "UapiLab.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    private void Write(string proposal)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "0009-test"));
        File.WriteAllText(Path.Combine(_directory, "0009-test", "proposal.json"), proposal);
    }

    private Task<CommandLine.Outcome> Verify(params string[] more) =>
        CommandLine.Run(["proposals", "verify", "--proposals", _directory, "--seeds", "2", .. more]);
}
