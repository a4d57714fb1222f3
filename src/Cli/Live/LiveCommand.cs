using UapiLab.Cli.Commands;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Live;
using UapiLab.Live.Os;

namespace UapiLab.Cli.Live;

/// <summary><c>live</c>: what the simulator predicts, beside what the kernel of this host does.</summary>
internal sealed class LiveCommand : ExampleCommand
{
    public LiveCommand(Terminal terminal, EncodingRegistry encodings)
        : base(
            "live",
            "Runs an encoding on this host's kernel, beside what the simulator predicts (docs/calibrate.md).",
            "live userfaultfd --costs host.json",
            "live userfaultfd --pages 2000 --runs 3",
            "live kernel-apf --costs host.json --fetch 1ms --fetch 10ms",
            "live kernel-apf --costs host.json --predict --json > predicted.json") =>
        Runs(args => new LiveRequest(args), (request, cancellation) => Run(terminal, encodings, request, cancellation));

    private static int Run(Terminal terminal, EncodingRegistry encodings, LiveRequest request,
        CancellationToken cancellation)
    {
        var costs = request.Costs is { } file ? CostTableFile.Read(file, HostProfile.Default, cancellation)
            : HostProfile.Default.Costs;
        var subject = request.Subject;
        var host = request.PredictOnly ? null : HostFor(subject);
        var cpus = request.Cpus ?? host?.Cpus.Cores.Count ?? 0;
        var rows = subject.Cases(request).Select(c => new LiveRow(c, subject.Metrics,
            host is null ? null : Measured(subject, host, c, request, cancellation),
            subject.Simulated(encodings, costs, cpus, c, request, cancellation))).ToArray();
        terminal.Out.Write(request.Json ? LiveJson.Write(subject, host, rows)
            : LiveText.Write(subject, host, rows, terminal.Width));
        return rows.Any(r => r.Differing.Any()) ? ExitCode.Violation : ExitCode.Fine;
    }

    private static Host HostFor(LiveSubject subject)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new InputException("live", "expected Linux, whose userfaultfd it uses");
        }

        var host = new Host(Cpus.OfProcess());
        return subject.Needs.Select(n => (Need: n, Lack: n.LackOf(host))).FirstOrDefault(n => n.Lack is not null)
            is (var need, { } lack)
            ? throw new InputException("live", $"expected a {need.Name}: {lack.Why}") : host;
    }

    /// <summary>The medians of the runs, of counts as well as of times.</summary>
    private static LiveFigures Measured(LiveSubject subject, Host host, LiveCase what, LiveRequest request,
        CancellationToken cancellation)
    {
        List<LiveFigures> runs = [];
        for (var run = 0; run < request.Runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                runs.Add(subject.Measured(host, what, request));
            }
            catch (ProbeFailedException e)
            {
                throw new InputException("live", $"expected a host on which {what.Label} runs: {e.Message}");
            }
        }

        return LiveFigures.Medians(runs);
    }
}

/// <summary>The arguments of <c>live</c>.</summary>
internal sealed class LiveRequest(Arguments args)
{
    public LiveSubject Subject { get; } = LiveSubject.Of(
        args.Word("ENCODING", "What to run.", [.. LiveSubject.All.Select(s => s.Encoding)]));

    public string? Costs { get; } = args.Text("--costs", "FILE",
        "Cost table that the simulator charges, as calibrate writes it. Default: the assumed prices.");

    public int Pages { get; } = args.Number("--pages", "N", "Pages that each thread or task touches.", 400, 1, 100_000);

    public int Tasks { get; } = args.Number("--tasks", "N", "Tasks of the guest, with kernel-apf.", 4, 1, 64);

    public IReadOnlyList<long> FetchesNs { get; } = Times(args.Repeated("--fetch", "TIME",
        "What a page takes to come, 100us say; may be given several times. Default: 0ns, the page is there."));

    public int? Cpus { get; } = args.OptionalNumber<int>("--cpus", "N",
        "Cores that the simulated threads share. Default: those of this machine; with --predict one for each thread.",
        1, 4_096);

    public int Runs { get; } = args.Number("--runs", "N", "Runs, of which the medians are shown.", 10, 1, 1_000);

    public bool PredictOnly { get; } = args.Flag("--predict", "Only simulate, on whatever machine.");

    public bool Json { get; } = args.Flag("--json", "Print the same as JSON.");

    private static IReadOnlyList<long> Times(string[] given) => given.Length == 0 ? [0] :
        [.. given.Select(text => Durations.TryParse(text, out var ns) && ns <= Distribution.MaxParameter ? ns
            : throw new InputException($"--fetch {text}", "expected a time, such as 100us"))];
}
