using UapiLab.Tests;
using System.Text.Json;

namespace UapiLab.Cli.Tests;

/// <summary>A first idea works as it is written, and a plugin counts as much as what is built in.</summary>
public sealed class PluginTests : IDisposable
{
    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task A_new_idea_passes_check_and_nothing_is_overwritten()
    {
        var idea = await Idea();
        var check = await CommandLine.Run("check", "my-idea", "--plugin", idea, "--vcpus", "1", "--out",
            _line.Path("check"));
        Assert.Equal((0, ""), (check.Exit, check.Error));
        Assert.Contains("unpopulated-read  holds", check.Out, StringComparison.Ordinal);

        File.WriteAllText(idea, "mine");
        var again = await CommandLine.Run("new", _line.Path("my-idea"));
        Assert.Equal(ExitCode.BadInput, again.Exit);
        Assert.Equal($"uapilab: {idea}: exists already, expected a name that is not taken\n", again.Error);
        Assert.Equal("mine", File.ReadAllText(idea));
    }

    [Fact]
    public async Task Its_concerns_are_decided_and_kept_until_its_code_changes()
    {
        var idea = await Idea();
        string[] words = ["concerns", "my-idea", "C2", "C13", "--plugin", idea, "--out", _line.Path("concerns")];
        var first = await CommandLine.Run(words);
        Assert.Equal((0, ""), (first.Exit, first.Error));
        Assert.Contains("my-idea  BROKEN", first.Out, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(_line.Path("concerns/cells")).Length);

        Assert.Equal(first.Out, (await CommandLine.Run(words)).Out);
        Assert.Equal(2, Directory.GetFiles(_line.Path("concerns/cells")).Length);

        File.WriteAllText(idea, File.ReadAllText(idea)
            + "\nnamespace Elsewhere { internal static class Helper { public static int Answer() => 42; } }\n");
        var changed = await CommandLine.Run([.. words.Where(w => w != "C2")]);
        Assert.StartsWith(changed.Out.Split("\n\n")[1],
            first.Out[first.Out.IndexOf("C13  ", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(_line.Path("concerns/cells")).Length);
    }

    [Fact]
    public async Task Its_uapi_is_checked()
    {
        var outcome = await CommandLine.Run("uapi", "my-idea", "--plugin", await Idea(), "--header");
        Assert.Equal((0, ""), (outcome.Exit, outcome.Error));
        Assert.Contains("struct kvm_my_ready", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_proposal_is_verified()
    {
        var idea = await Idea();
        string[] words = ["proposals", "verify", "--proposals", _line.Path("my-idea"), "--plugin", idea, "--seeds",
            "2"];
        var stale = await CommandLine.Run(words);
        Assert.Equal(ExitCode.Violation, stale.Exit);
        Assert.Contains("NONE YET", stale.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandLine.Run([.. words, "--update"])).Exit);
        var verified = await CommandLine.Run(words);
        Assert.Equal((0, ""), (verified.Exit, verified.Error));
        Assert.Contains("evidence      is what the claims say now", verified.Out, StringComparison.Ordinal);
    }

    /// <summary>Claims about a workload, a property and a concern of a plugin.</summary>
    [Fact]
    public async Task A_proposal_may_name_what_a_plugin_brings()
    {
        var document = File.ReadAllLines(Path.Combine(GeneratedDoc.Root(), "docs", "extend-the-lab.md"));
        var plugin =
            _line.Write("Restore.cs",
                string.Join('\n', Tutorial.Blocks(document).Single(b => b.Language == "csharp").Lines));
        _line.Write("proposals/0001-x/proposal.json", """
            {
              "title": "T", "status": "draft", "encoding": "never-async",
              "claims": [ { "id": "a", "text": "A", "metric": "exits", "per": "faults", "workload": "slow-restore:io=8", "relation": "=", "value": 1, "tolerance": 0 } ],
              "concerns": [ { "id": "R1", "verdict": "holds", "text": "C" } ],
              "properties": [ { "property": "one-exit-a-page", "instance": "tasks:vcpus=1", "verdict": "holds", "text": "P" } ]
            }
            """);
        string[] words = ["proposals", "verify", "--proposals", _line.Path("proposals"), "--seeds", "2"];
        var outcome = await CommandLine.Run([.. words, "--plugin", plugin, "--update"]);
        Assert.Equal((0, ""), (outcome.Exit, outcome.Error));
        Assert.Equal(3, outcome.Out.Split('\n').Count(l => l.StartsWith("  holds ", StringComparison.Ordinal)));
        var without = await CommandLine.Run(words);
        Assert.Equal(ExitCode.BadInput, without.Exit);
        Assert.Contains("unknown workload 'slow-restore'", without.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("My-Idea")]
    [InlineData("9lives")]
    [InlineData("a--b")]
    public async Task A_bad_name_is_refused(string name)
    {
        var outcome = await CommandLine.Run("new", _line.Path(name));
        Assert.Equal(
            (ExitCode.BadInput,
                $"uapilab: new {_line.Path(name)}: expected a name of lower-case letters, digits and single dashes "
                + $"that begins with a letter, such as my-idea\n"),
            (outcome.Exit, outcome.Error));
        Assert.False(Directory.Exists(_line.Path(name)));
    }

    [Fact]
    public async Task It_counts_what_its_pattern_counts_and_its_claim_holds()
    {
        var idea = await Idea();
        var outcome = await CommandLine.Run(
            "compare", "single-bit", "my-idea", "--plugin", idea, "--workload", "all-sync", "--seeds", "2",
                "--cells-only",
            "--proposals", _line.Path("my-idea"), "--out", _line.Path("out"), "--quiet");
        Assert.Equal((0, ""), (outcome.Exit, outcome.Error));

        using var report = JsonDocument.Parse(File.ReadAllText(_line.Path("out/report.json")));
        var cells = report.RootElement.GetProperty("cells").EnumerateArray()
            .ToLookup(c => c.GetProperty("encoding").GetString(), c => c.GetProperty("metrics"));
        Assert.NotEmpty(cells["my-idea"]);
        Assert.Equal(Counts(cells["single-bit"]), Counts(cells["my-idea"]));
        // The built-in one looks at its capability besides, one word a fault.
        Assert.InRange(Elapsed(cells["my-idea"]) / Elapsed(cells["single-bit"]), 0.99, 1.0);
        Assert.Contains("SHA-256", File.ReadAllText(_line.Path("out/report.md")), StringComparison.Ordinal);
    }

    private static string[] Counts(IEnumerable<JsonElement> cells) =>
        [.. cells.SelectMany(c => c.EnumerateObject().Where(m => m.Name is "faults" or "exits" or "notPresentInjected"
            or "readyIrqs" or "backToBackApf").Select(m => m.Value.GetRawText()))];

    private static double Elapsed(IEnumerable<JsonElement> cells) =>
        cells.Sum(c => c.GetProperty("elapsedNs").GetProperty("mean").GetDouble());

    [Fact]
    public async Task A_counterexample_names_lines_of_the_plugin_and_replays()
    {
        var idea = await Idea();
        Broken(idea, "if (state != Words.Pending)", "if (!apf.Exists)");
        var check = await CommandLine.Run("check", "my-idea", "--plugin", idea, "--instance", "careless:vcpus=1",
            "--property", "unmatched-ready", "--out", _line.Path("check"), "--no-liveness");
        Assert.Equal(ExitCode.Violation, check.Exit);
        Assert.Matches(@"MyIdea\.cs:\d+", check.Out);

        var replay = await CommandLine.Run("replay", Assert.Single(Directory.GetFiles(_line.Path("check"), "*.json")),
            "--plugin", idea, "--twice");
        Assert.Equal((0, ""), (replay.Exit, replay.Error));
        Assert.Matches(@"MyIdea\.cs:\d+", replay.Out);
    }

    [Fact]
    public async Task It_is_listed()
    {
        var outcome = await CommandLine.Run("list", "--plugin", await Idea());
        Assert.Equal(0, outcome.Exit);
        Assert.Contains("my-idea          One sentence for uapilab list.", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_is_taken_is_refused()
    {
        var idea = await Idea();
        Broken(idea, "\"my-idea\"", "\"single-bit\"");
        var outcome = await CommandLine.Run("compare", "single-bit", "--plugin", idea, "--out", _line.Path("out"));
        Assert.Equal((ExitCode.BadInput,
            "uapilab: single-bit: two encodings are registered under this id, expected one: "
                + $"UapiLab.Encodings.SingleBit.SingleBitFamily of UapiLab.Encodings and MyIdeaFamily of {idea}\n"),
            (outcome.Exit, outcome.Error));
    }

    [Fact]
    public async Task What_does_not_compile_is_shown()
    {
        var idea = await Idea();
        Broken(idea, "return FaultAnswer.Map;", "return FaultAnswer.Mop;");
        foreach (var command in new[] { "compare", "check" })
        {
            var outcome = await CommandLine.Run(command, "my-idea", "--plugin", idea);
            Assert.Equal(ExitCode.BadInput, outcome.Exit);
            Assert.Contains("CS0117", outcome.Error, StringComparison.Ordinal);
            Assert.EndsWith("^~~\n", outcome.Error, StringComparison.Ordinal);
        }
    }

    private async Task<string> Idea()
    {
        Assert.Equal(0, (await CommandLine.Run("new", _line.Path("my-idea"))).Exit);
        return _line.Path("my-idea/MyIdea.cs");
    }

    private static void Broken(string file, string from, string to)
    {
        var text = File.ReadAllText(file);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(from, to, StringComparison.Ordinal));
    }
}
