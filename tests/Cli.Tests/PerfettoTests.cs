using System.Text.Json;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;

namespace UapiLab.Cli.Tests;

/// <summary>Trace events of histories, read by a reader of its own.</summary>
public sealed class PerfettoTests : IDisposable
{
    /// <summary>Two APFs, of which one is ready and one is not.</summary>
    private static readonly History s_history = MadeHistory.Of(0) with
    {
        Steps =
        [
            Step(1, 0, "guest runs", "kvm_page_fault gfn 1 task 0"),
            Step(2, 0, "queue an APF for gfn 1, token 0x1000", "kvm_async_pf_not_present gfn 1 token 0x1000"),
            Step(3, 1, "ioctl READY on vCPU 0, argument 0x1000", "kvm_async_pf_completed gfn 1 token 0x1000"),
            Step(4, 0, "KVM: page-ready", "kvm_async_pf_ready gfn 1 token 0x1000"),
            Step(5, 1, "waits"),
            Step(6, 0, "KVM: requests, events, entry", "kvm_inj_virq token 0x1000", "kvm_entry"),
            Step(7, 0, "guest runs", "kvm_page_fault gfn 2 task 0"),
            Step(8, 0, "queue an APF for gfn 2, token 0x1000", "kvm_async_pf_not_present gfn 2 token 0x1000"),
        ],
        InevitableFrom = 7,
    };

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public void A_step_is_a_slice_in_its_place_an_apf_a_span_and_ready_has_an_arrow_to_the_interrupt()
    {
        string json = PerfettoTrace.Write([s_history]);

        Assert.Empty(PerfettoReader.Complaints(json));
        Assert.Equal(
            [
                "X 1 1 guest 1", "X 1 1 guest runs 1", "X 1 2 KVM 5", "X 1 2 queue an APF for gfn 1, token 0x1000 1",
                "b 1 2 APF, gfn 1 token 0x1000", "X 2 3 ioctl READY on vCPU 0, argument 0x1000 1",
                "s 2 3 READY to interrupt", "X 1 4 KVM: page-ready 1", "X 2 5 waits 1",
                "e 1 5 APF, gfn 1 token 0x1000", "X 1 6 KVM: requests, events, entry 1",
                "f 1 6 READY to interrupt", "X 1 7 guest 1", "X 1 7 guest runs 1",
                "i 1 7 from here on the outcome can no longer be avoided", "X 1 8 KVM 1",
                "X 1 8 queue an APF for gfn 2, token 0x1000 1", "b 1 8 APF, gfn 2 token 0x1000",
                "e 1 9 APF, gfn 2 token 0x1000",
            ],
            Told(json));
    }

    [Theory]
    [InlineData("\"ph\":\"e\",\"pid\":1,\"tid\":1,\"ts\":5", "\"ph\":\"e\",\"pid\":1,\"tid\":1,\"ts\":1", "back")]
    [InlineData("\"ph\":\"f\"", "\"ph\":\"s\"", "no pair")]
    [InlineData("\"ph\":\"e\"", "\"ph\":\"b\"", "open already")]
    [InlineData("\"ph\":\"b\"", "\"ph\":\"i\",\"s\":\"t\"", "not open")]
    [InlineData("\"ts\":2,\"cat\":\"step\",\"dur\":1", "\"ts\":2,\"cat\":\"step\",\"dur\":9", "outer one")]
    [InlineData("\"ts\":3", "\"ts\":3.5", "no integer")]
    [InlineData("\"name\":\"thread_name\"", "\"name\":\"thread\"", "without a name")]
    [InlineData("\"ph\":\"f\",\"pid\":1,\"tid\":1", "\"ph\":\"f\",\"pid\":1,\"tid\":3", "every slice")]
    public void The_reader_sees_a_seeded_mistake(string right, string wrong, string complaint)
    {
        string json = PerfettoTrace.Write([s_history]);

        Assert.Contains(right, json, StringComparison.Ordinal);
        Assert.Contains(PerfettoReader.Complaints(json.Replace(right, wrong, StringComparison.Ordinal)),
            c => c.Contains(complaint, StringComparison.Ordinal));
    }

    [Fact]
    public void What_stands_in_a_history_cannot_break_the_document()
    {
        string json = PerfettoTrace.Write([MadeHistory.Of(60, "\"}]\n\u0001<"), s_history, MadeHistory.Of(0)]);

        Assert.Empty(PerfettoReader.Complaints(json));
        Assert.Equal(json, PerfettoTrace.Write([MadeHistory.Of(60, "\"}]\n\u0001<"), s_history, MadeHistory.Of(0)]));
        Assert.Empty(PerfettoReader.Complaints(PerfettoTrace.Write([])));
    }

    [Fact]
    public async Task Check_and_replay_write_the_same_events_and_replace_only_their_own()
    {
        string events = _line.Path("check.json");
        var check = await CommandLine.Run("check", "single-bit:variant=as-posted", "--instance",
            "careless:vcpus=1,tasks=1", "--property", "unmatched-ready", "--no-liveness", "--quiet", "--out",
            _line.Path("out"), "--perfetto", events);
        Assert.Equal((1, "", ""), (check.Exit, check.Out, check.Error));
        string json = await File.ReadAllTextAsync(events, TestContext.Current.CancellationToken);
        Assert.Empty(PerfettoReader.Complaints(json));
        Assert.Equal(["M", "X", "b", "e", "i"], Phases(json));

        string trace = Assert.Single(Directory.GetFiles(_line.Path("out"), "*.trace.json"));
        var replay = await CommandLine.Run("replay", trace, "--quiet", "--perfetto", events);
        Assert.Equal((0, "", ""), (replay.Exit, replay.Out, replay.Error));
        Assert.Equal(json, await File.ReadAllTextAsync(events, TestContext.Current.CancellationToken));

        string mine = _line.Write("mine.json", "mine");
        var refused = await CommandLine.Run("replay", trace, "--perfetto", mine);
        Assert.Equal((2, "", $"uapilab: --perfetto {mine}: expected a file that uapilab wrote, or none\n"),
            (refused.Exit, refused.Out, refused.Error));
        Assert.Equal("mine", await File.ReadAllTextAsync(mine, TestContext.Current.CancellationToken));
    }

    private static HistoryStep Step(int number, int lane, string text, params string[] events) =>
        new(number, new(StepKind.Step, lane, []), lane, text, null, null, [], events);

    private static IEnumerable<JsonElement> Events(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("traceEvents").EnumerateArray().Select(e => e.Clone())];
    }

    private static IEnumerable<string> Phases(string json) =>
        Events(json).Select(e => e.GetProperty("ph").GetString()!).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Phase, thread, time, name and length of all but names.</summary>
    private static IEnumerable<string> Told(string json) => Events(json)
        .Where(e => e.GetProperty("ph").GetString() != "M")
        .Select(e => $"{e.GetProperty("ph").GetString()} {e.GetProperty("tid")} {e.GetProperty("ts")} "
            + e.GetProperty("name").GetString()
            + (e.TryGetProperty("dur", out JsonElement length) ? $" {length}" : ""));
}
