using UapiLab.Cli.Compare;

namespace UapiLab.Cli.Tests;

/// <summary>Where <c>compare</c> puts its files, and when it shows its answer.</summary>
public sealed class RunFolderTests : IDisposable
{
    private static readonly string[] s_small = ["never-async", "--workload", "all-sync:pages=20"];
    private static readonly DateTimeOffset s_now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public void Two_runs_in_one_second_have_a_folder_each_and_the_link_leads_to_the_latest()
    {
        RunFolder New() => RunFolder.New(TextWriter.Null, _line.Path("runs"), s_now, 7);
        RunFolder[] folders = [New(), New(), New()];
        foreach (var (folder, at) in folders.Select((f, at) => (f, at)))
        {
            folder.Files.Write("report.txt", $"{at}");
            folder.MakeLatest();

            Assert.Equal($"{at}", File.ReadAllText(_line.Path("runs/latest/report.txt")));
        }

        Assert.Equal("20260504T030201Z-7-3", new FileInfo(_line.Path("runs/latest")).LinkTarget);
        Assert.Equal(["20260504T030201Z-7", "20260504T030201Z-7-2", "20260504T030201Z-7-3", "latest"],
            Directory.GetFileSystemEntries(_line.Path("runs")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("0", File.ReadAllText(_line.Path("runs/20260504T030201Z-7/report.txt")));
    }

    [Fact]
    public void What_is_called_latest_and_is_no_link_stays()
    {
        var kept = _line.Write("runs/latest/mine.txt", "mine");
        var error = new StringWriter();
        var folder = RunFolder.New(error, _line.Path("runs"), s_now, 7);
        folder.MakeLatest();

        Assert.Equal("mine", File.ReadAllText(kept));
        Assert.Equal($"uapilab: {_line.Path("runs/latest")}: expected a link that can be replaced: something else is "
            + "there\n", error.ToString());
        Assert.Equal(ExitCode.BadInput, folder.Files.Exit(ExitCode.Fine));
    }

    [Theory]
    [InlineData("out/notes.txt", "by hand")]
    [InlineData("out/report.json", "{}")]
    [InlineData("out/report.txt", "the report that I wrote for my employer")]
    public async Task A_folder_with_something_else_in_it_is_left_alone(string name, string text)
    {
        var kept = _line.Write(name, text);
        var run = await _line.Compare(s_small);

        Assert.Equal(2, run.Exit);
        Assert.Empty(run.Out);
        Assert.Equal($"uapilab: --out {_line.Path("out")}: expected no folder, an empty one, or one with a report.json "
            + "of ours\n", run.Error);
        Assert.Equal([kept], Directory.GetFileSystemEntries(_line.Path("out")));
        Assert.Equal(text, await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_older_report_is_replaced_and_what_is_beside_it_stays()
    {
        await _line.Compare(s_small);
        var old = await File.ReadAllTextAsync(_line.Path("out/report.json"), TestContext.Current.CancellationToken);
        var notes = _line.Write("out/notes.txt", "by hand");
        var run = await _line.Compare([.. s_small, "--seed", "2"]);

        Assert.Equal(0, run.Exit);
        Assert.NotEqual(old, await File.ReadAllTextAsync(_line.Path("out/report.json"),
            TestContext.Current.CancellationToken));
        Assert.True(File.Exists(notes));
    }

    private string[] Whole =>
    [
        "compare", "single-bit:apf=off", "--workload", "all-sync:pages=5", "--seeds", "2", "--proposals",
            _line.Folder("none"), "--out", _line.Path("out"),
    ];

    /// <summary>The first report names what is missing; the same command without somebody who looks prints the last one
    /// alone.</summary>
    [Fact]
    public async Task On_a_terminal_the_answer_comes_before_the_ranges_of_costs()
    {
        var plain = await CommandLine.Run(Whole);
        var output = new FirstAnswer(() => File.ReadAllText(_line.Path("out/report.json")));
        await Program.RunAsync(Whole, Terminal.Plain(output, TextWriter.Null, watched: true), null,
            TestContext.Current.CancellationToken);
        var parts = output.ToString().Split("Cost ranges follow: ");

        Assert.Equal(2, parts.Length);
        Assert.StartsWith("single-bit:apf=off is the only encoding", parts[0], StringComparison.Ordinal);
        Assert.DoesNotContain("depend on costs", parts[0], StringComparison.Ordinal);
        Assert.Matches("^[0-9]+ runs, about [0-9]+ s; Ctrl-C keeps this answer\\.\n\n", parts[1]);
        Assert.EndsWith(plain.Out, output.ToString(), StringComparison.Ordinal);
        Assert.Contains("depend on costs", plain.Out, StringComparison.Ordinal);
        Assert.Contains("cost ranges are still to come", output.Early, StringComparison.Ordinal);
        Assert.DoesNotContain("still to come", await File.ReadAllTextAsync(_line.Path("out/report.json"),
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_after_the_first_answer_keeps_it()
    {
        using var stop = new CancellationTokenSource();
        var output = new FirstAnswer(() =>
        {
            stop.Cancel();
            return "";
        });
        var exit = await Program.RunAsync(Whole, Terminal.Plain(output, TextWriter.Null, watched: true), null,
            stop.Token);

        Assert.Equal(ExitCode.Undecided, exit);
        Assert.Contains("NOT WHOLE: interrupted", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("is the only encoding", await File.ReadAllTextAsync(_line.Path("out/report.txt"),
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    /// <summary>Looks elsewhere when the first answer is there.</summary>
    private sealed class FirstAnswer(Func<string> look) : StringWriter
    {
        public string Early { get; private set; } = "";

        public override void Write(string? value)
        {
            base.Write(value);
            if (Early.Length == 0 && value?.Contains("Cost ranges follow", StringComparison.Ordinal) == true)
            {
                Early = look();
            }
        }
    }
}
