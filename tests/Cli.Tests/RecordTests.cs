using UapiLab.Cli.Record;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Foundation;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>The set-up of tracefs, on one that writes down what is done to it.</summary>
public sealed class RecordTests
{
    private sealed class Noted(Func<string, bool> has, string? refuses = null, params string[] taken) : ITracefs
    {
        public List<string> Done { get; } = [];

        public string Root => "/t";

        public bool Has(string path) => has(path);

        public void Write(string path, string value) => Do($"{path} := {value}");

        public bool MakeInstance(string path)
        {
            Do($"mkdir {path}");
            return !taken.Contains(path);
        }

        public void RemoveInstance(string path) => Do($"rmdir {path}");

        public void Copy(string path, string to) => Do($"{path} > {to}");

        private void Do(string what)
        {
            if (what == refuses)
            {
                throw new IOException("no");
            }

            Done.Add(what);
        }
    }

    [Fact]
    public void Everything_is_set_up_before_it_starts_and_taken_down_afterwards()
    {
        var tracefs = new Noted(_ => true);
        new Recorder(tracefs, TextWriter.Null).Run("out", () => tracefs.Done.Add("wait"));

        Assert.Equal("mkdir instances/uapilab", tracefs.Done[0]);
        Assert.Equal("instances/uapilab/tracing_on := 0", tracefs.Done[1]);
        Assert.Contains("instances/uapilab/trace_clock := mono", tracefs.Done);
        Assert.Equal(TraceSetup.Events.Count,
            tracefs.Done.Count(d => d.EndsWith("/enable := 1", StringComparison.Ordinal)));
        Assert.Equal(
            ["instances/uapilab/tracing_on := 1", "wait",
                "instances/uapilab/trace_marker := "
                    + TraceConformance.EndMarker(TraceConformance.StrictEvents),
                "instances/uapilab/tracing_on := 0", "instances/uapilab/trace > out", "rmdir instances/uapilab"],
            tracefs.Done.TakeLast(6));
    }

    [Fact]
    public void A_recording_is_not_replaced_and_nothing_is_set_up()
    {
        using var line = new CommandLine();
        var tracefs = new Noted(_ => true);
        var file = line.Write("host.trace", "a recording\n");
        Assert.StartsWith($"--out {file}: expected a new name", Assert.Throws<InputException>(
            () => new Recorder(tracefs, TextWriter.Null).Run(file, () => { })).Message, StringComparison.Ordinal);
        Assert.Empty(tracefs.Done);
    }

    [Fact]
    public void An_event_that_the_kernel_lacks_is_named_and_left_out()
    {
        var said = new StringWriter();
        var tracefs = new Noted(path => !path.Contains("exitless", StringComparison.Ordinal));
        new Recorder(tracefs, said).Run("out", () => { });

        Assert.Equal("uapilab: this kernel has no kvm_async_pf_exitless_notify\n", said.ToString()
            .ReplaceLineEndings("\n"));
        Assert.DoesNotContain(tracefs.Done, d => d.Contains("exitless", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("instances/uapilab/trace_clock := mono")]
    [InlineData("instances/uapilab/tracing_on := 1")]
    public void Whatever_fails_the_instance_goes(string refused)
    {
        var tracefs = new Noted(_ => true, refused);
        Assert.Throws<InputException>(() => new Recorder(tracefs, TextWriter.Null).Run("out", () => { }));
        Assert.Equal("rmdir instances/uapilab", tracefs.Done[^1]);
    }

    [Fact]
    public void A_recording_that_cannot_be_written_stays_where_it_is_and_is_named()
    {
        var tracefs = new Noted(_ => true, "instances/uapilab/trace > out");
        var said = Assert.Throws<InputException>(() => new Recorder(tracefs, TextWriter.Null).Run("out", () => { }));
        Assert.Contains("it is kept in /t/instances/uapilab/trace", said.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(tracefs.Done, d => d.StartsWith("rmdir", StringComparison.Ordinal));
    }

    [Fact]
    public void An_output_that_cannot_be_written_is_found_before_anything_is_set_up()
    {
        var tracefs = new Noted(_ => true);
        Assert.Throws<InputException>(() => new Recorder(tracefs, TextWriter.Null)
            .Run(Path.GetTempPath(), () => tracefs.Done.Add("wait")));
        Assert.Empty(tracefs.Done);
    }

    [Fact]
    public void Two_recorders_have_an_instance_each()
    {
        var tracefs = new Noted(_ => true, null, "instances/uapilab");
        new Recorder(tracefs, TextWriter.Null).Run("out", () => { });
        Assert.Equal(["instances/uapilab-2/trace > out", "rmdir instances/uapilab-2"], tracefs.Done.TakeLast(2));
        Assert.DoesNotContain(tracefs.Done, d => d.StartsWith("instances/uapilab/", StringComparison.Ordinal));
    }

    [Fact]
    public void An_instance_is_made_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no tracefs on Windows");
        using var line = new CommandLine();
        var tracefs = new Tracefs(line.Folder("t"));
        Assert.True(tracefs.MakeInstance("uapilab"));
        Assert.False(tracefs.MakeInstance("uapilab"));
        Assert.Throws<IOException>(() => tracefs.MakeInstance("none/uapilab"));
    }

    [Fact]
    public void A_wait_that_throws_leaves_the_trace_and_no_instance()
    {
        var tracefs = new Noted(_ => true);
        Assert.Throws<TimeoutException>(() => new Recorder(tracefs, TextWriter.Null)
            .Run("out", () => throw new TimeoutException()));
        Assert.Equal(["instances/uapilab/trace > out", "rmdir instances/uapilab"], tracefs.Done.TakeLast(2));
    }

    /// <summary>A vCPU halted with an APF outstanding, and the recorder watched for a minute.</summary>
    [Fact]
    public void A_recording_ends_with_who_waits_for_what()
    {
        using var line = new CommandLine();
        var file = line.Write("host.trace", """
            x-1 [000] ..... 1.000000: kvm_entry: vcpu 0, rip 0x1
            x-1 [000] ..... 1.000001: kvm_exit: vcpu 0 reason npf rip 0x1 info1 0x4 info2 0x5000
            x-1 [000] ..... 1.000002: kvm_page_fault: vcpu 0 rip 0x1 address 0x5000 error_code 0x4
            x-1 [000] ..... 1.000003: kvm_try_async_get_page: gva = 0x5000, gfn = 0x5
            x-1 [000] ..... 1.000004: kvm_async_pf_not_present: token 0x1000 gva 0x5000
            x-1 [000] ..... 1.000005: kvm_inj_exception: #PF (0x0)
            x-1 [000] ..... 1.000006: kvm_entry: vcpu 0, rip 0x1
            x-1 [000] ..... 1.000009: kvm_exit: vcpu 0 reason hlt rip 0x1
            u-2 [000] ..... 61.000000: tracing_mark_write: recording ends: kvm_async_pf_not_present kvm_async_pf_ready

            """);
        var (said, error) = (new StringWriter(), new StringWriter());
        RecordCommand.Diagnose(Terminal.Plain(said, error), file);
        Assert.StartsWith("vCPU 0 may be stuck: it waits for the ready of token 0x1000 for gfn 0x5, and so does a "
            + "guest task, 59.999996s, and no APF ended. What ends it: the page, with which KVM's worker, "
            + "async_pf_execute(), completes the APF. First sign at 1.000004",
            said.ToString(), StringComparison.Ordinal);
        Assert.Empty(error.ToString());

        RecordCommand.Diagnose(Terminal.Plain(said, error), line.Write("none.trace", ""));
        Assert.StartsWith("uapilab: nothing to diagnose: ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_tracefs_one_line_says_what_to_ask_for()
    {
        var run = await CommandLine.Run("record", "--tracefs", "/nowhere");

        Assert.Equal(2, run.Exit);
        Assert.StartsWith("uapilab: /nowhere: expected a tracefs", run.Error, StringComparison.Ordinal);
        Assert.Contains("--script", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Length_out_of_range_is_refused()
    {
        var run = await CommandLine.Run("record", "--for", "-1");
        Assert.Equal(2, run.Exit);
        Assert.Contains("--for -1: expected a number from 0 to 86400", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_script_is_one_that_a_shell_reads_and_names_every_event()
    {
        var run = await CommandLine.Run("record", "--script", "--for", "3", "--out", "it's.trace");

        Assert.Equal(0, run.Exit);
        Assert.All(TraceSetup.Events, name => Assert.Contains(name, run.Out, StringComparison.Ordinal));
        Tool.Sh.Require();
        Assert.Equal((0, "", ""), Tool.Run(Path.GetTempPath(), "", "sh", "-n", "-c", run.Out));
    }
}
