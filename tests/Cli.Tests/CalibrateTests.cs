using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using UapiLab.Cli.Calibrate;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;
using UapiLab.Live;
using UapiLab.Live.Os;
using UapiLab.Live.Probes;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>What is measured, and what becomes of it. No time is asserted.</summary>
public sealed class CalibrateTests
{
    private static readonly Need s_forbidden = new("a right", _ => new("ask for it", IsRight: true));
    private static readonly Need s_absent = new("a part", _ => new("there is none", IsRight: false));

    private static readonly Func<bool, Task<(CommandLine.Outcome Outcome, string Table)>> s_measured =
        Once.For<bool, Task<(CommandLine.Outcome, string)>>(json => Task.Run(() =>
        {
            using var line = new CommandLine();
            var outcome = Run(line, ProbeList.All, json ? ["--json"] : []);
            return (outcome, File.ReadAllText(line.Path("host.json")));
        }));

    /// <summary>What it printed as JSON, for the test of the schemas.</summary>
    internal static async Task<string> Json() => (await s_measured(true)).Outcome.Out;

    [Fact]
    public void Every_price_has_one_probe_or_a_reason() => Assert.Equal(
        Enum.GetValues<Cost>(),
        ProbeList.All.SelectMany(p => p.Yields).Concat(ProbeList.Unprobed.Keys).Order().ToArray());

    [Fact]
    public async Task Every_price_is_measured_or_says_why()
    {
        var (outcome, _) = await s_measured(true);
        var prices = JsonDocument.Parse(outcome.Out).RootElement.GetProperty("prices").EnumerateArray().ToArray();

        Assert.Equal(Enum.GetValues<Cost>().Length, prices.Length);
        Assert.All(prices, price =>
        {
            long Of(string name) => price.GetProperty(name).GetInt64();
            var isMeasured = price.GetProperty("isMeasured").GetBoolean();
            Assert.Equal(isMeasured, price.GetProperty("why").ValueKind == JsonValueKind.Null);
            Assert.InRange(Of("ns"), Of("low"), Of("high"));
            Assert.True(!isMeasured || Of("ns") > 0 || price.GetProperty("name").GetString() == "haltPoll");
        });
    }

    [Fact]
    public async Task What_needs_nothing_is_measured_everywhere()
    {
        var (_, table) = await s_measured(false);
        var everywhere = ProbeList.All.Where(p => p.Needs.Count == 0).SelectMany(p => p.Yields)
            .Except([Cost.TlbRewalk, Cost.GuestSwitch]); // differences, which may be within their noise

        Assert.Superset(
            everywhere.Select(kind => CostTable.Default[kind].Name).ToHashSet(),
            JsonDocument.Parse(table).RootElement.EnumerateObject().Select(p => p.Name).ToHashSet());
    }

    [Fact]
    public async Task The_answer_comes_first_and_the_table_says_what_is_assumed()
    {
        var (outcome, _) = await s_measured(false);
        var lines = outcome.Out.Split('\n');

        Assert.Matches($"^[0-9]+ of {Enum.GetValues<Cost>().Length} prices measured on .*Linux", lines[0] + lines[1]);
        Assert.Contains(lines, l => l.StartsWith("price ", StringComparison.Ordinal)
            && l.Contains("assumed", StringComparison.Ordinal));
        Assert.All(lines, l => Assert.True(l.Length <= 80, l));
    }

    [Fact]
    public async Task A_comparison_takes_the_table_and_names_its_source()
    {
        var (_, table) = await s_measured(false);
        using var line = new CommandLine();
        var compared = await line.Compare("single-bit", "--workload", "all-sync:pages=4", "--costs",
            line.Write("host.json", table), "--json", "--quiet");

        Assert.Equal(("", 0), (compared.Error, compared.Exit));
        Assert.Contains("uapilab calibrate: words; ", compared.Out, StringComparison.Ordinal);
        Assert.Contains("\"measured\"", compared.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_price_is_the_median_and_its_range_goes_from_tenth_to_tenth()
    {
        var rounds = 0;
        var probe = Fake(Cost.Kick, _ => [new(Cost.Kick, ++rounds * 10)]);

        var price = Measure([probe], rounds: 11).Single(p => p.Kind == Cost.Kick);

        // The first of the twelve rounds warms up.
        Assert.Equal(new Spread(70, 30, 110), price.Measured);
    }

    [Fact]
    public void An_end_that_is_not_seen_stays_and_noise_is_no_price()
    {
        var prices = Measure(
        [
            Fake(Cost.Kick, _ => [Reading.AtLeast(Cost.Kick, 700)]),
            Fake(Cost.Discard, _ => [new(Cost.Discard, -1)]),
        ]);
        var table = new CalibratedTable(Host(), new(prices, [], 1));

        var kick = table.Measured.Single();
        Assert.Equal((700, 700, CostTable.Default[Cost.Kick].HighNs), (kick.Ns, kick.LowNs, kick.HighNs));
        Assert.Contains("within their noise", prices.Single(p => p.Kind == Cost.Discard).Why,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_right_is_one_line_and_exit_2_and_the_rest_is_measured()
    {
        using var line = new CommandLine();
        var outcome = Run(line,
        [
            Fake(Cost.Kick, _ => [new(Cost.Kick, 5)]), Fake(Cost.Ioctl, Never, s_forbidden),
            Fake(Cost.Discard, Never, s_forbidden), Fake(Cost.Eoi, Never, s_absent),
            Fake(Cost.VmExit, _ => throw new ProbeFailedException("counted 3 of 4 exits")),
        ], []);

        Assert.Equal(2, outcome.Exit);
        Assert.Single(outcome.Error.Split('\n'), l => l == "uapilab: calibrate: ask for it");
        Assert.Contains("ioctl, discard: ask for it.", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("eoi: there is none.", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("vmExit: counted 3 of 4 exits.", outcome.Out, StringComparison.Ordinal);
        Assert.Equal(["kick"], JsonDocument.Parse(File.ReadAllText(line.Path("host.json"))).RootElement
            .EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void What_is_missing_but_no_right_is_no_error()
    {
        using var line = new CommandLine();
        Assert.Equal(0, Run(line, [Fake(Cost.Eoi, Never, s_absent)], []).Exit);
    }

    [Fact]
    public async Task Somebody_elses_file_is_refused_before_anything_is_measured()
    {
        using var line = new CommandLine();
        var outcome = await CommandLine.Run("calibrate", "--out", line.Write("mine.txt", "mine"));

        Assert.Equal((2, ""), (outcome.Exit, outcome.Out));
        Assert.Contains("mine.txt: expected a new name for --out", outcome.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(line.Path("mine.txt")));
    }

    [Fact]
    public void An_interruption_leaves_no_file()
    {
        using var line = new CommandLine();
        using var stop = new CancellationTokenSource();
        var probe = Fake(Cost.Kick, _ =>
        {
            stop.Cancel();
            return [new(Cost.Kick, 1)];
        });

        Assert.Throws<OperationCanceledException>(() => Run(line, [probe], [], stop.Token));
        Assert.Empty(Directory.GetFiles(line.Path("")));
    }

    [Fact]
    public async Task Nothing_goes_on_and_nothing_stays_open()
    {
        await s_measured(false);
        await s_measured(true);

        Assert.DoesNotContain(Directory.GetFiles("/proc/self/fd").Select(f => new FileInfo(f).LinkTarget),
            target => target?.Contains("userfaultfd", StringComparison.Ordinal) == true
                || target == "/dev/kvm" || target?.StartsWith("anon_inode:kvm", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(Directory.GetDirectories("/proc/self/task").Select(t => Path.Combine(t, "comm"))
            .Where(File.Exists).Select(File.ReadAllText), name => name.StartsWith("uapilab-probe",
                StringComparison.Ordinal));
    }

    /// <summary>Cores are few here, so that the threads of this one share them.</summary>
    [Fact]
    public void Every_page_that_threads_touch_is_placed_once()
    {
        Assert.SkipUnless(Userfaultfd.Complaint() is null, "no userfaultfd here");
        var cpus = Cpus.OfProcess().Allowed;
        var run = UserfaultfdRun.Of(cpus[0], [cpus[^1], cpus[0], cpus[^1]], pages: 20);

        Assert.Equal((60, 60), (run.PlacingNs.Count, run.LatencyNs.Count));
        Assert.All(run.LatencyNs.Concat(run.ReadingNs).Concat(run.PlacingNs), ns => Assert.True(ns > 0));
        Assert.True(double.IsFinite(UserfaultfdProbes.SpinnerNs([cpus[0], cpus[^1], cpus[0], cpus[^1]])));
    }

    [Fact]
    public void A_device_that_may_not_be_opened_is_a_right_to_ask_for()
    {
        Assert.SkipUnless(IsX64, "guests of x86-64 only");
        using var line = new CommandLine();
        var device = line.Write("kvm", "");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(device, UnixFileMode.None);
        }

        IReadOnlyList<Price> prices = [];
        // Root may open anything; a thread may be somebody else to files, and those that it starts with it.
        var nobody = new Thread(() =>
        {
            Libc.Call(new(122, 151), 65_534); // setfsuid(2)
            prices = Measure([KvmProbes.Exit], device: device);
        });
        nobody.Start();
        nobody.Join();

        var price = prices.Single(p => p.Kind == Cost.VmExit);
        Assert.True(price.LacksRight, price.Why);
        Assert.Matches("kvm: Permission denied; ask for membership in the group of .*kvm$", price.Why);
    }

    [Theory]
    [InlineData("/nowhere", "there is no /nowhere")]
    [InlineData("/dev/null", "/dev/null: the guest fails its self-test: /dev/null: KVM_GET_API_VERSION: ")]
    public void A_device_that_is_no_KVM_is_a_reason_and_no_price(string device, string why)
    {
        Assert.SkipUnless(IsX64, "guests of x86-64 only");
        var price = Measure([KvmProbes.Pio], device: device).Single(p => p.Kind == Cost.UserExit);

        Assert.StartsWith(why, price.Why, StringComparison.Ordinal);
        Assert.False(price.LacksRight);
    }

    /// <summary>Whether KVM enters the guest or emulates it, every byte to a port is an exit to userspace.</summary>
    [Fact]
    public void A_count_that_is_not_as_the_method_says_is_no_price()
    {
        Assert.SkipUnless(TinyGuest.LackOf(Host().KvmDevice) is null, "no KVM here");
        using var guest = new TinyGuest(Host().KvmDevice);
        guest.Begin(GuestCode.Out, 0);
        void Ten()
        {
            for (var i = 0; i < 10; i++)
            {
                guest.Run();
            }
        }

        KvmCount.Of(guest, "exits", 10, Ten);
        var failed = Assert.Throws<ProbeFailedException>(() => KvmCount.Of(guest, "exits", 100, Ten));
        Assert.StartsWith("there are 10 exits where the method has 100", failed.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Probes_are_documented()
    {
        GeneratedDoc.Check("docs/calibrate.md", "probes", ProbeList.All
            .Select(p => $"| `{p.Name}` | {(p.Yields.Count > 0 ? Names(p.Yields) : "only a count")} | {p.Method} | "
                + $"{string.Join(", ", p.Needs.Select(n => n.Name))} |")
            .Prepend("| --- | --- | --- | --- |").Prepend("| probe | prices | method | needs |"));
        GeneratedDoc.Check("docs/calibrate.md", "unprobed", ProbeList.Unprobed.GroupBy(u => u.Value, u => u.Key)
            .Select(u => $"| {Names(u)} | {u.Key} |").Prepend("| --- | --- |").Prepend("| prices | why |"));

        static string Names(IEnumerable<Cost> kinds) =>
            string.Join(", ", kinds.Select(kind => $"`{CostTable.Default[kind].Name}`"));
    }

    private static IEnumerable<Reading> Never(Host host) =>
        throw new InvalidOperationException("a probe ran without what it needs");

    private static Probe Fake(Cost kind, Func<Host, IEnumerable<Reading>> round, params Need[] needs) =>
        new($"fake {kind}", "", [kind], needs, round);

    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private static Host Host() => new(Cpus.OfProcess());

    private static IReadOnlyList<Price> Measure(IReadOnlyList<Probe> probes, int rounds = 1, string? device = null) =>
        Calibration.Run(device is null ? Host() : new(Cpus.OfProcess(), device), probes, rounds, _ => { },
            CancellationToken.None).Prices;

    private static CommandLine.Outcome Run(CommandLine line, IReadOnlyList<Probe> probes, string[] args,
        CancellationToken cancellation = default)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var command = new Command("calibrate");
        _ = new CalibrateRequest(new(command));
        var request = new CalibrateRequest(new(command, command.Parse(["--out", line.Path("host.json"), .. args])));
        var exit = CalibrateCommand.Run(
            Terminal.Plain(output, error), request, Host(), probes, rounds: 1, cancellation);
        return new(exit, output.ToString(), error.ToString());
    }
}
