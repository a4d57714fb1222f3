using System.Text.Json;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>Real trace in, comparison out.</summary>
public sealed class RealTraceTests
{
    [Fact]
    public async Task A_program_recorded_just_now_is_compared()
    {
        Tool.Valgrind.Require();
        using var line = new CommandLine();
        var recording = line.Path("true.lackey");
        string[] record = ["valgrind", "--tool=lackey", "--trace-mem=yes", $"--log-file={recording}", "/bin/true"];
        Assert.Equal(0, Tool.Run(Path.GetTempPath(), "", record).Exit);
        using var report = await Report(line, recording);
        AssertFaults(report, cell => cell > 20);
    }

    [Fact]
    public async Task A_recording_of_kvm_is_compared()
    {
        using var line = new CommandLine();
        using var report = await Report(line, Data("kvm/k6.12-s4_2vcpu.trace.txt.gz"));
        AssertFaults(report, cell => cell >= 16);
    }

    [Fact]
    public async Task A_post_copy_migration_says_how_many_pages_were_in_flight()
    {
        using var line = new CommandLine();
        using var report = await Report(line, Data("postcopy/v2-lim32-np.dst.trace.txt.gz"));
        AssertFaults(report, cell => cell > 150);
        var inFlight = Cells(report).ToLookup(Name, c => Mean(c, "inFlightApf"));
        Assert.All(inFlight["never-async"], count => Assert.Equal(0, count));
        Assert.InRange(inFlight["single-bit"].First(), 40, 60); // the recording has 53
    }

    private static async Task<JsonDocument> Report(CommandLine line, string trace)
    {
        var outcome = await line.Compare("never-async", "single-bit", "--trace", trace);
        Assert.True(outcome.Exit == 0, outcome.Error);
        return JsonDocument.Parse(await File.ReadAllTextAsync(line.Path("out/report.json")));
    }

    private static void AssertFaults(JsonDocument report, Predicate<decimal> expected) =>
        Assert.All(Cells(report), cell => Assert.True(expected(Mean(cell, "faults")), Name(cell)));

    private static IEnumerable<JsonElement> Cells(JsonDocument report) =>
        report.RootElement.GetProperty("cells").EnumerateArray();

    private static string Name(JsonElement cell) => cell.GetProperty("encoding").GetString()!;

    private static decimal Mean(JsonElement cell, string metric) =>
        cell.GetProperty("metrics").GetProperty(metric).GetProperty("mean").GetDecimal();

    internal static string Data(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "UapiLab.sln")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "tests/data/traces", name);
    }
}
