using System.Diagnostics;
using UapiLab.Cli.Concerns;
using UapiLab.Cli.Plugins;
using UapiLab.Encodings;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Cli.Tests;

/// <summary>What was computed is printed, whatever cannot be written; what cannot be printed is said in one line; an
/// interruption is obeyed.</summary>
public sealed class NothingLostTests : IDisposable
{
    private static readonly string[] s_small = ["never-async", "--workload", "all-sync:pages=20"];

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    /// <summary>Calls back for each text that is printed.</summary>
    private sealed class Watched(Action<string> told) : StringWriter
    {
        public override void Write(string? value)
        {
            told(value ?? "");
            base.Write(value);
        }
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_costs_only_itself()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full here");
        await _line.Compare(s_small);
        File.Delete(_line.Path("out/report.md"));
        File.CreateSymbolicLink(_line.Path("out/report.md"), "/dev/full");
        var run = await _line.Compare(s_small);

        Assert.Equal(2, run.Exit);
        Assert.Contains("never-async", run.Out, StringComparison.Ordinal);
        Assert.Contains($"Reports: {_line.Path("out/report.json")}, {_line.Path("out/report.txt")}",
            run.Out.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.StartsWith(
            $"uapilab: {_line.Path("out/report.md")}: expected a file that can be written: No space left",
            run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_line.Path("out/report.txt")));
    }

    [Theory]
    [InlineData("compare", "never-async")]
    [InlineData("check", "single-bit", "--instance", "full")]
    [InlineData("concerns")]
    public async Task An_output_that_cannot_be_written_is_found_before_anything_runs(params string[] words)
    {
        var run = await CommandLine.Run([.. words, "--out", _line.Write("a-file", "") + "/below"]);

        Assert.Equal(2, run.Exit);
        Assert.Empty(run.Out);
        Assert.StartsWith($"uapilab: {_line.Path("a-file/below")}: expected a directory that files can be written into",
            run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_verdict_is_printed_without_the_file_of_its_history()
    {
        const string Name = "single-bit-variant-as-posted-careless-vcpus-1-tasks-1-unmatched-ready";
        _line.Folder($"out/{Name}.mail.txt");
        var run = await CommandLine.Run("check", "single-bit:variant=as-posted", "--instance",
            "careless:vcpus=1,tasks=1", "--property", "unmatched-ready", "--out", _line.Path("out"), "--no-liveness");

        Assert.Equal(2, run.Exit);
        Assert.Contains("unmatched-ready   BROKEN", run.Out, StringComparison.Ordinal);
        Assert.Contains($"{Name}.mail.txt: expected a file that can be written: a folder is there", run.Error,
            StringComparison.Ordinal);
        Assert.True(File.Exists(_line.Path($"out/{Name}.trace.json")));
    }

    [Fact]
    public async Task A_matrix_is_printed_without_its_cells()
    {
        _line.Write("out/cells", "in the way");
        var run = await CommandLine.Run("concerns", "never-async", "C13", "--out", _line.Path("out"));

        Assert.Equal(2, run.Exit);
        Assert.Contains("never-async", run.Out, StringComparison.Ordinal);
        Assert.True(File.Exists(_line.Path("out/matrix.txt")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"concern\": \"C13\", \"encoding\": \"never-async\", \"verdict\": \"holds\"}")]
    [InlineData("null")]
    public async Task A_damaged_cell_is_decided_again(string content)
    {
        string[] words = ["concerns", "never-async", "C13", "--out", _line.Path("out")];
        var first = await CommandLine.Run(words);
        var cell = Assert.Single(Directory.GetFiles(_line.Path("out/cells")));
        var good = await File.ReadAllTextAsync(cell, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(cell, content, TestContext.Current.CancellationToken);
        var again = await CommandLine.Run(words);

        Assert.Equal(first, again);
        Assert.Equal(good, await File.ReadAllTextAsync(cell, TestContext.Current.CancellationToken));
    }

    /// <summary>The instructions of a method do not show a constant that they load; the module's identity
    /// does.</summary>
    [Fact]
    public void The_key_of_a_cell_covers_every_module_that_decides_it()
    {
        var key = CodeIdentity.Of(typeof(Program).Assembly);

        Assert.All(
            ["Abstractions", "Encodings", "Harness.Checking", "Harness.Comparisons", "Harness.Conformance",
                "Harness.Foundation", "Harness.Lab", "Harness.Machines", "Harness.Registry", "Harness.Simulation",
                "Harness.Uapi"],
            name => Assert.Contains(
                System.Reflection.Assembly.Load("UapiLab." + name).ManifestModule.ModuleVersionId.ToString(), key,
                StringComparison.Ordinal));
    }

    [Fact]
    public async Task Output_that_takes_no_more_is_one_line()
    {
        var error = new StringWriter();
        var exit = await Program.RunAsync(["list"], new Watched(_ => throw new IOException("No space left")), error,
            TestContext.Current.CancellationToken);

        Assert.Equal(2, exit);
        Assert.Equal("uapilab: standard output: cannot be written: No space left\n", error.ToString());
    }

    [Fact]
    public async Task An_error_that_nobody_can_be_told_of_leaves_its_code()
    {
        var exit = await Program.RunAsync(["compare", "nonsense"], TextWriter.Null,
            new Watched(_ => throw new IOException("closed")), TestContext.Current.CancellationToken);

        Assert.Equal(2, exit);
    }

    [Fact]
    public async Task A_file_name_cannot_steer_the_terminal_or_forge_a_line()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no such names on Windows");
        var name = "x\u001b[2J: accepted\nother";
        File.Copy(RealTraceTests.Data("kvm/k6.12-s2_apf_off.trace.txt.gz"), _line.Path(name));
        var run = await CommandLine.Run("conform", _line.Path(name), "--coverage");

        Assert.Equal(0, run.Exit);
        Assert.DoesNotContain('\u001b', run.Out);
        Assert.DoesNotContain(run.Out.Split('\n'), l => l.StartsWith("other", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bad_trace_leaves_what_was_said_of_those_before_it()
    {
        var run = await CommandLine.Run("conform", RealTraceTests.Data("kvm/k6.12-s2_apf_off.trace.txt.gz"),
            _line.Write("bad", "no trace\n"), "--json");

        Assert.Equal(2, run.Exit);
        Assert.Contains("\"verdict\": \"accepted\"", run.Out, StringComparison.Ordinal);
        Assert.Contains("bad:1: expected", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_run_can_be_ended()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        using var simulator = new Simulator(new LabCatalog(new(BuiltInEncodings.All)).Encodings.Resolve("single-bit"),
            WorkloadCatalog.BuiltIn.Resolve("all-sync"), CostTable.Default, 1)
        {
            Cancellation = stop.Token,
        };

        Assert.Throws<OperationCanceledException>(simulator.Run);
    }

    [Fact]
    public async Task An_interruption_ends_a_comparison_within_one_run()
    {
        using var stop = new CancellationTokenSource();
        var clock = new Stopwatch();
        stop.Token.Register(clock.Start);
        stop.CancelAfter(700);
        var output = new StringWriter();
        var exit = await Program.RunAsync(
            ["compare", "single-bit", "--workload", "post-copy:vcpus=64", "--seeds", "2", "--cells-only", "--proposals",
                _line.Folder("none"), "--out", _line.Path("out")],
            output, TextWriter.Null, stop.Token);

        Assert.Equal(3, exit);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(3), clock.Elapsed.ToString());
        Assert.Contains("interrupted", await File.ReadAllTextAsync(_line.Path("out/report.json"),
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private const string Proposal = """
        {
          "title": "One bit", "status": "draft", "encoding": "single-bit:apf=off",
          "claims": [ { "id": "no-apf", "text": "None.", "metric": "notPresentInjected", "workload": "all-sync:pages=20", "relation": "=", "value": 0 } ]
        }
        """;

    private string[] Update
    {
        get
        {
            _line.Write("p/0001-x/proposal.json", Proposal);
            return ["proposals", "verify", "--proposals", _line.Path("p"), "--seeds", "2", "--update"];
        }
    }

    [Fact]
    public async Task An_interrupted_update_changes_nothing()
    {
        const string Old = "# Generated by: uapilab proposals verify 0001-x --update\ngood evidence";
        var claims = _line.Write("p/0001-x/evidence/claims.txt", Old);
        var other = _line.Write("p/0001-x/evidence/property-x.txt", Old);
        using var stop = new CancellationTokenSource();
        var output = new Watched(text =>
        {
            if (text.StartsWith("0001-x", StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        });

        Assert.Equal(3, await Program.RunAsync(Update, output, TextWriter.Null, stop.Token));
        Assert.Contains("evidence      as it was: interrupted", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(Old, await File.ReadAllTextAsync(claims, TestContext.Current.CancellationToken));
        Assert.True(File.Exists(other));
    }

    [Fact]
    public async Task An_update_deletes_only_what_it_generated()
    {
        var notes = _line.Write("p/0001-x/evidence/notes.txt", "by hand");
        var stale = _line.Write("p/0001-x/evidence/concern-C1.txt",
            "# Generated by: uapilab proposals verify 0001-x --update\nold");
        var elsewhere = _line.Write("elsewhere.txt", await File.ReadAllTextAsync(stale,
            TestContext.Current.CancellationToken));
        var link = _line.Path("p/0001-x/evidence/link.txt");
        File.CreateSymbolicLink(link, elsewhere);
        var run = await CommandLine.Run(Update);

        Assert.Equal(0, run.Exit);
        Assert.True(File.Exists(notes) && File.Exists(link) && File.Exists(elsewhere));
        Assert.False(File.Exists(stale));
        Assert.Equal(0, (await CommandLine.Run(Update[..^1])).Exit);
    }

    [Theory]
    [InlineData("p/0001-x/evidence")]
    [InlineData("p/0001-x")]
    public async Task An_update_follows_no_link(string linked)
    {
        var words = Update;
        var kept = _line.Write("elsewhere/claims.txt",
            "# Generated by: uapilab proposals verify 0001-x --update\nsomebody else's");
        if (Directory.Exists(_line.Path(linked)))
        {
            Directory.Move(_line.Path(linked), _line.Path("moved"));
        }

        File.CreateSymbolicLink(_line.Path(linked), linked.EndsWith('x') ? _line.Path("moved")
            : _line.Path("elsewhere"));
        var run = await CommandLine.Run(words);

        Assert.Equal(2, run.Exit);
        Assert.StartsWith($"uapilab: {_line.Path(linked)}: expected a folder of its own, found a link", run.Error,
            StringComparison.Ordinal);
        Assert.EndsWith("else's", await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_replaces_no_file_that_was_written_by_hand()
    {
        var claims = _line.Write("p/0001-x/evidence/claims.txt", "by hand");
        var run = await CommandLine.Run(Update);

        Assert.Equal(2, run.Exit);
        Assert.StartsWith($"uapilab: {claims}: expected no file or a generated one", run.Error,
            StringComparison.Ordinal);
        Assert.Equal("by hand", await File.ReadAllTextAsync(claims, TestContext.Current.CancellationToken));
    }
}
