using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>A plugin that reaches beyond its calls, for the process it is in or the pipes of it, takes nothing else
/// down: it costs its own row, or its command with one line and the documented exit code.</summary>
public sealed class HostileProcessTests : IDisposable
{
    private const string LooksLikeAnAnswer = "{\\\"Result\\\":null,\\\"Defect\\\":\\\"\\\",\\\"IsStuck\\\":false}";
    private const string Prints =
        "using (var raw = Console.OpenStandardOutput()) raw.Write(System.Text.Encoding.UTF8.GetBytes(\""
            + LooksLikeAnAnswer + "\\u001b[2J\\n\"));";

    private const string ThrowsLater =
        "new System.Threading.CancellationTokenSource(400).Token.Register(() => throw new "
            + "InvalidOperationException(\"elsewhere\"));";

    private const string LeavesLater =
        "new System.Threading.CancellationTokenSource(400).Token.Register(() => Environment.Exit(0));";

    private const string ThrowsWhenCollected =
        "for (var i = 0; i < 9; i++) new Bomb(); GC.Collect(); GC.WaitForPendingFinalizers(); } private sealed class "
            + "Bomb { ~Bomb() => throw new InvalidOperationException(\"elsewhere\"); ";

    private const string Waits = "System.Threading.SpinWait.SpinUntil(() => false, 60_000);";

    private const string StartsAThread =
        "var type = Type.GetType(\"System.Threading.Thread\")!; type.GetMethod(\"Start\", Type.EmptyTypes)!.Invoke("
            + "Activator.CreateInstance(type, (System.Threading.ThreadStart)(() => { " + Waits + " })), null);";

    private const string StartsAChild = "System.Diagnostics.Process.Start(\"sleep\", \"60\");";

    private const string StartsAChildThatLeavesTheGroup = "System.Diagnostics.Process.Start(\"setsid\", \"sleep 9\");";

    private const string StopsItself =
        "System.Diagnostics.Process.Start(\"kill\", \"-STOP \" + Environment.ProcessId).WaitForExit();";

    private const string AnswersAnother = "{\\\"Kind\\\":2,\\\"Number\\\":7,\\\"Body\\\":0}";

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    /// <summary>What a plugin prints is its own and no result, also on the stream beneath the console.</summary>
    [Fact]
    public async Task A_line_that_looks_like_an_answer_is_a_line()
    {
        var (exit, error) = await Compare(await HostilePlugin.Write(_line, half: Prints));
        Assert.Equal(ExitCode.Fine, exit);
        var lines = error.Split('\n');
        Assert.Equal("plugin: " + LooksLikeAnAnswer.Replace("\\", "", StringComparison.Ordinal) + " [2J", lines[0]);
        Assert.Equal("plugin: and more", lines[100]);
        Assert.Equal(102, lines.Length);
        Assert.DoesNotContain("defect", File.ReadAllText(_line.Path("out/report.txt")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StartsAThread + StartsAChild)]
    [RepeatData(StartsAChildThatLeavesTheGroup)]
    public async Task A_thread_and_a_child_that_stay_hold_nobody(string code)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/setsid"), "starts sleep and setsid");
        var file = await HostilePlugin.Write(_line, family: code);
        Assert.Equal((ExitCode.Fine, ""), await Compare(file));
        var list = await InTime("list", "--plugin", file);
        Assert.Equal((ExitCode.Fine, ""), (list.Exit, list.Error));
        Assert.Contains("  hostile ", list.Out, StringComparison.Ordinal);
    }

    /// <summary>The code is not in the process that the user started, so that nothing of it ends that process. Which of
    /// two workers the timer finds is a matter of the machine.</summary>
    [Theory]
    [InlineData(LeavesLater, "ended its process (Environment.Exit)")]
    [RepeatData(ThrowsLater, "unhandled exception on a thread of its own")]
    public async Task A_timer_of_a_constructor_ends_no_comparison(string code, string told)
    {
        var file = await HostilePlugin.Write(_line, family: code, half: Waits);
        using var process = Outside(CompareWords(file));
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1),
            TestContext.Current.CancellationToken);
        if (process.ExitCode == ExitCode.BadInput)
        {
            Assert.Contains(told, await error, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(ExitCode.Violation, process.ExitCode);
            await AssertItsRowAlone(told);
        }
    }

    [Theory]
    [InlineData(ThrowsWhenCollected,
        "uapilab: plugin: unhandled exception on a thread of its own: System.InvalidOperationException: elsewhere in "
            + "HostileFamily.Bomb.Finalize")]
    [RepeatData("Environment.Exit(0);", "uapilab: plugin: ended its process (Environment.Exit) while loading ")]
    public async Task What_dies_as_it_is_made_is_one_line(string code, string told)
    {
        var (exit, error) = await Compare(await HostilePlugin.Write(_line, family: code));
        Assert.Equal(ExitCode.BadInput, exit);
        Assert.StartsWith(told, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.False(Directory.Exists(_line.Path("out")));
    }

    /// <summary>A description is read in workers only; the main process has a copy.</summary>
    [Theory]
    [RepeatData("if (reads > 1) { while (reads > 0) { } }", "", 2,
        "no end after 2 s: an endless loop?, at Hostile.cs:")]
    [RepeatData("", StopsItself, 1, "no sign of life for 7 s")]
    public async Task What_never_answers_costs_its_row(string description, string half, int seconds, string told)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "starts kill");
        var file = await HostilePlugin.Write(_line, half: half, description: description);
        Assert.Equal(ExitCode.Violation, (await Compare(file, "--plugin-seconds", Invariant($"{seconds}"))).Exit);
        await AssertItsRowAlone(told);
    }

    /// <summary>Whoever finds the channel among the open files can write there, and costs itself its row.</summary>
    [Theory]
    [InlineData("[.. BitConverter.GetBytes(30), .. System.Text.Encoding.UTF8.GetBytes(\"" + AnswersAnother + "\")]",
        "its process answered question 7, was asked 1")]
    [RepeatData("\"hello hello\"u8", "its process sent what is no answer")]
    [RepeatData("[4, 0, 0, 0, .. \"nulL\"u8]", "its process sent what is no answer")]
    [RepeatData("[4, 0, 0, 0, .. \"null\"u8]", "its process sent what is no answer")]
    public async Task What_is_written_to_the_channel_is_no_answer(string content, string told)
    {
        Assert.SkipUnless(Directory.Exists("/proc/self/fd"), "no /proc");
        var file = await HostilePlugin.Write(_line, half:
            "foreach (var open in System.IO.Directory.GetFiles(\"/proc/self/fd\")) { try { var fd = "
            + "int.Parse(System.IO.Path.GetFileName(open)); if (fd > 2 && new System.IO.FileInfo(open).LinkTarget!"
            + ".StartsWith(\"pipe:\")) { using var pipe = new System.IO.FileStream(new "
            + "Microsoft.Win32.SafeHandles.SafeFileHandle(fd, false), System.IO.FileAccess.Write, 0); pipe.Write("
            + content + "); } } catch (Exception) { } }");
        Assert.Equal(ExitCode.Violation, (await Compare(file)).Exit);
        await AssertItsRowAlone(told);
    }

    /// <summary>A worker makes the class that it is asked about, and nothing else that plugins bring.</summary>
    [Fact]
    public async Task A_neighbour_in_the_same_folder_keeps_its_row()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        await HostilePlugin.Write(_line, half: "Environment.Exit(0);");
        Assert.Equal(0, (await CommandLine.Run("new", _line.Path("fine"))).Exit);
        var fine = File.ReadAllText(_line.Path("fine/Fine.cs"));
        Directory.CreateDirectory(_line.Path("both"));
        File.WriteAllText(_line.Path("both/Fine.cs"), fine);
        File.Copy(_line.Path("hostile/Hostile.cs"), _line.Path("both/Hostile.cs"));
        Assert.Equal(ExitCode.Violation, (await Compare(_line.Path("both"), "fine")).Exit);
        var report = File.ReadAllLines(_line.Path("out/report.txt"));
        Assert.Contains(report, r => r.StartsWith("- hostile*: defect: ended its process", StringComparison.Ordinal));
        Assert.DoesNotContain(report, r => r.StartsWith("- fine*", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kill_9_leaves_no_worker()
    {
        using var process = Outside(CompareWords(await Endless()));
        using var worker = await Looping();
        try
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            await Until(() => worker.HasExited);
        }
        finally
        {
            worker.Kill();
        }
    }

    [Fact]
    public async Task An_interruption_does_not_wait_for_a_run()
    {
        using var stop = new CancellationTokenSource();
        var file = await Endless();
        using var error = new StringWriter();
        var comparison = Task.Run(() => Program.RunAsync(CompareWords(file), TextWriter.Null, error, stop.Token));
        using var worker = await Looping();
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Undecided, await comparison.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.DoesNotContain("defect", File.ReadAllText(_line.Path("out/report.txt")), StringComparison.Ordinal);
        Assert.True(worker.HasExited);
    }

    /// <summary>Where no signal tells of a parent's death, the end of its pipe does.</summary>
    [Fact]
    public async Task A_worker_whose_questions_end_ends()
    {
        using var questions = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        using var answers = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        using var worker = Outside("worker", questions.GetClientHandleAsString(), answers.GetClientHandleAsString());
        questions.DisposeLocalCopyOfClientHandle();
        Assert.False(worker.HasExited);
        questions.Dispose();
        await Until(() => worker.HasExited);
    }

    private string Mark => _line.Path("mark");

    /// <summary>A plugin that says where it is and never comes back.</summary>
    private Task<string> Endless() => HostilePlugin.Write(_line, half:
        $"System.IO.File.WriteAllText(\"{Mark}\", Environment.ProcessId + \" \"); while (fault.Gfn.Value >= 0) {{ }}");

    private async Task<Process> Looping()
    {
        string[] words = [];
        await Until(() => File.Exists(Mark) && (words = File.ReadAllText(Mark).Split(' ')).Length == 2);
        return Process.GetProcessById(int.Parse(words[0], CultureInfo.InvariantCulture));
    }

    private static async Task Until(Func<bool> condition)
    {
        var since = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(since).TotalSeconds < 30, "nothing for 30 s");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The program as a user starts it.</summary>
    private static Process Outside(params string[] words) =>
        Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(Program).Assembly.Location, .. words])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;

    private string[] CompareWords(string file, params string[] more) =>
    [
        "compare", "hostile", "--plugin", file, "--workload", "all-sync", "--seeds", "2", "--cells-only", "--quiet",
        "--proposals", _line.Folder("none"), "--out", _line.Path("out"), .. more,
    ];

    private async Task<(int Exit, string Error)> Compare(string file, params string[] more)
    {
        var outcome = await InTime(CompareWords(file, more));
        Assert.Equal("", outcome.Out);
        return (outcome.Exit, outcome.Error);
    }

    /// <summary>On a thread of its own, so that a command that hangs is told and not waited for.</summary>
    private static Task<CommandLine.Outcome> InTime(params string[] words) =>
        Task.Run(() => CommandLine.Run(words)).WaitAsync(TimeSpan.FromMinutes(1));

    private async Task AssertItsRowAlone(string told)
    {
        var report = _line.Path("out/report.txt");
        Assert.Contains(told, HostilePlugin.Words(File.ReadAllText(report)), StringComparison.Ordinal);
        Assert.Equal(await HostilePlugin.OtherRowsAlone(_line), HostilePlugin.OtherRows(report));
    }
}
