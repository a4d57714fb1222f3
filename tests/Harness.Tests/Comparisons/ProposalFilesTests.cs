using UapiLab.Tests;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Lab.Proposals;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Tests.Comparisons;

public sealed class ProposalFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("uapilab-proposals-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_whole_proposal_is_read()
    {
        var proposal = Read("""
            {
              "title": "T", "status": "draft", "encoding": "multi-bit", "options": { "bits": "4" },
              "claims": [
                { "id": "a", "text": "A", "metric": "backToBackApf", "per": "faults", "workload": "all-sync:predict=0",
                  "policy": "wait(10us)", "versus": "single-bit", "by": "difference", "relation": "=", "value": -1e-1, "tolerance": 0.5 },
                { "id": "b", "text": "B", "metric": "speedupOverNeverAsync", "encoding": "oracle", "workload": "mixed", "relation": ">=", "value": 1 }
              ]
            }
            """)!;

        Assert.Equal(("0001-x", "T", "draft", "multi-bit:bits=4"),
            (proposal.Folder, proposal.Title, proposal.Status, proposal.Encoding.Name));
        var first = proposal.Claims[0];
        Assert.Equal(("backToBackApf", "faults", "multi-bit:bits=4", "single-bit", VersusMode.Difference),
            (first.Metric.Name, first.Per?.Name, first.Encoding.Name, first.Versus!.Name, first.By));
        Assert.Equal((new VmmPolicy(PolicyKind.WaitThenHandOff, 10_000), Relation.Equal, -0.1m, 0.5m),
            (first.Policy!.Value, first.Relation, first.Value, first.Tolerance));
        Assert.Equal(0, first.Workload.Predict);
        Assert.Equal("oracle", proposal.Claims[1].Encoding.Name);
        Assert.Null(proposal.Claims[1].Policy);
    }

    [Fact]
    public void The_template_is_left_out()
    {
        Assert.Null(Read("""{ "title": "T", "status": "template" }"""));
        Assert.Empty(ProposalFiles.ReadAll(_folder.FullName, new LabCatalog(SmallPlan.Registry)));
    }

    [Fact]
    public void A_directory_that_is_not_there_has_no_proposals()
    {
        Assert.Empty(ProposalFiles.ReadAll(Path.Combine(_folder.FullName, "none"), new LabCatalog(SmallPlan.Registry)));
    }

    [Fact]
    public void Those_of_this_repository_are_readable()
    {
        var directory = Path.Combine(GeneratedDoc.Root(), "proposals");

        Assert.True(Directory.Exists(Path.Combine(directory, "0000-template")));
        Assert.All(ProposalFiles.ReadAll(directory, new LabCatalog(SmallPlan.Registry)),
            p => Assert.NotEmpty(p.Claims));
    }

    [Theory]
    [InlineData("", 1, "expected JSON")]
    [InlineData("{\n", 2, "expected JSON")]
    [InlineData("{} x", 1, "expected JSON")]
    [InlineData("[]", 1, "expected a proposal: an object")]
    [InlineData("{\"title\": \"T\\n  holds  x\",\n\"status\": \"draft\"}", 1,
        "title: expected one line without control characters")]
    [InlineData("{\"title\": \"\\u001b[2J\",\n\"status\": \"draft\"}", 1,
        "title: expected one line without control characters")]
    [InlineData("{\n\"title\": \"T\"\n}", 1, "'status' is missing")]
    [InlineData("{\n\"title\": \"T\",\n\"title\": \"U\"\n}", 3, "'title' is given twice")]
    [InlineData("{\n\"titel\": \"T\"\n}", 2, "did you mean 'title'?")]
    [InlineData("{\"title\": \"T\",\n\"status\": \"drift\"}", 2, "did you mean 'draft'?")]
    [InlineData("{\"title\": 3,\n\"status\": \"draft\"}", 1, "title: expected a text in quotes")]
    [InlineData("{\"title\": \"T\", \"status\": \"draft\",\n\"encoding\": \"multi-bot\"}", 2,
        "did you mean 'multi-bit'?")]
    [InlineData(
        "{\"title\": \"T\", \"status\": \"draft\",\n\"encoding\": \"multi-bit\", \"options\": {\"bits\": \"3\"}}", 2,
        "expected one of 2, 4, 8")]
    [InlineData("{\"title\": \"T\", \"status\": \"draft\", \"encoding\": \"multi-bit\",\n\"claims\": {}}", 2,
        "claims: expected an array")]
    public void What_is_wrong_with_a_proposal_is_said_with_its_line(string json, int line, string expected) =>
        Refused(json, line, expected);

    [Theory]
    [InlineData("\"metric\": \"exits\"", "\"metric\": \"exist\"", "did you mean 'exits'?")]
    [InlineData("\"workload\": \"mixed\"", "\"workload\": \"mixes\"", "did you mean 'mixed'?")]
    [InlineData("\"workload\": \"mixed\"", "\"workload\": \"mixed:sync=2\"", "expected a number from 0 to 1")]
    [InlineData("\"relation\": \"<\"", "\"relation\": \"!=\"", "expected one of <, <=, =, >=, >")]
    [InlineData("\"relation\": \"<\"", "\"relation\": \"<\", \"tolerance\": 1", "tolerance: expected")]
    [InlineData("\"relation\": \"<\"", "\"relation\": \"<\", \"policy\": \"soon\"",
        "expected resolve, reenter or wait(d)")]
    [InlineData("\"relation\": \"<\"", "\"relation\": \"<\", \"by\": \"ratio\"", "expected both or neither")]
    [InlineData("\"relation\": \"<\"", "\"relation\": \"<\", \"versus\": \"nobody\"", "unknown encoding 'nobody'")]
    [InlineData("\"metric\": \"exits\"", "\"metric\": \"speedupOverNeverAsync\", \"per\": \"faults\"",
        "expected no 'per'")]
    [InlineData("\"value\": 1", "\"value\": \"1\"", "value: expected a number")]
    public void What_is_wrong_with_a_claim_is_said_with_its_line(string right, string wrong, string expected)
    {
        const string Whole = """
            { "title": "T", "status": "draft", "encoding": "multi-bit",
              "claims": [ { "id": "a", "text": "A",
                "metric": "exits", "workload": "mixed", "relation": "<", "value": 1 } ] }
            """;
        Assert.NotNull(Read(Whole));

        Refused(Whole.Replace(right, wrong, StringComparison.Ordinal), 3, expected);
    }

    [Fact]
    public void Two_claims_with_one_id_are_refused()
    {
        const string Claim = """{ "id": "a", "text": "A", "metric": "exits", "workload": "mixed", "relation": "<", "value": 1 }""";

        Refused($"{{ \"title\": \"T\", \"status\": \"draft\", \"encoding\": \"multi-bit\", \"claims\": "
            + $"[\n{Claim},\n{Claim}] }}", 3, "claim 'a' is there twice");
    }

    private void Refused(string json, int line, string expected)
    {
        var error = Assert.Throws<InputException>(() => Read(json));

        Assert.StartsWith($"{FileOf()}:{line}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private Proposal? Read(string json)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FileOf())!);
        File.WriteAllText(FileOf(), json);
        return ProposalFiles.Read(FileOf(), new LabCatalog(SmallPlan.Registry));
    }

    private string FileOf() => Path.Combine(_folder.FullName, "0001-x", ProposalFiles.FileName);
}
