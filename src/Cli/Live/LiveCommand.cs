using UapiLab.Cli.Commands;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Simulation;
using UapiLab.Live;
using UapiLab.Live.Os;

namespace UapiLab.Cli.Live;

/// <summary><c>live</c>: what the simulator predicts, beside what the kernel of this host does.</summary>
internal sealed class LiveCommand : ExampleCommand
{
    public LiveCommand(Terminal terminal, PluginHost plugins)
        : base(
            "live",
            "Runs an encoding on this host's kernel, beside what the simulator predicts (docs/calibrate.md).",
            "live userfaultfd --costs host.json",
            "live userfaultfd --pages 2000 --runs 3",
            "live kernel-apf --costs host.json --fetch 1ms --fetch 10ms",
            "live kernel-apf --costs host.json --predict --json > predicted.json",
            "live snapshot-resume --costs host.json",
            "live single-bit --costs host.json",
            "live my-idea --plugin my-idea/MyIdea.cs") =>
        Runs(plugins, (args, _) => new LiveRequest(args), (request, lab, cancellation) =>
            Run(terminal, lab, plugins, request, cancellation));

    private static int Run(Terminal terminal, LabCatalog lab, PluginHost plugins, LiveRequest request,
        CancellationToken cancellation)
    {
        var costs = request.Costs is { } file ? CostTableFile.Read(file, HostProfile.Default, cancellation)
            : HostProfile.Default.Costs;
        var subject = LiveSubject.Of(lab.Encodings, request.Encoding);
        var host = request.PredictOnly ? null : HostFor(subject);
        var cpus = request.Cpus ?? host?.Cpus.Cores.Count ?? 0;
        try
        {
            var rows = subject.Cases(request).Select(c =>
            {
                var measured = host is null ? null
                    : Measured(subject, host, c, request, plugins.Heartbeat, cancellation);
                return subject.Row(lab.Encodings, costs, cpus, c, measured, request, cancellation);
            }).ToArray();
            terminal.Out.Write(request.Json ? LiveJson.Write(subject, host, rows)
                : LiveText.Write(subject, host, rows, terminal.Width));
            return rows.Any(r => r.Differing.Any()) ? ExitCode.Violation : ExitCode.Fine;
        }
        catch (LiveFailedException e)
        {
            terminal.Error.WriteLine($"uapilab: live: {e.Message}");
            return ExitCode.Violation;
        }
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
    private static LiveFigures? Measured(LiveSubject subject, Host host, LiveCase what, LiveRequest request,
        Action<string> heartbeat, CancellationToken cancellation)
    {
        List<LiveFigures> runs = [];
        for (var run = 0; run < request.Runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            heartbeat(Invariant($"run {run + 1} of {what.Label}"));
            try
            {
                if (subject.Measured(host, what, request, cancellation) is not { } measured)
                {
                    return null;
                }

                runs.Add(measured);
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
    public string Encoding { get; } = args.Word("ENCODING",
        "userfaultfd, kernel-apf, snapshot-resume (over userfaultfd), or an encoding with a bitmap, whose KVM is "
            + "emulated.");

    public string? Costs { get; } = args.Text("--costs", "FILE",
        "Cost table that the simulator charges, as calibrate writes it. Default: the assumed prices.");

    public int? PagesAsked { get; } = args.OptionalNumber<int>("--pages", "N",
        "Pages that each thread or task touches. Default: 400; 150 with snapshot-resume.", 1, 100_000);

    public int Pages => PagesAsked ?? 400;

    public int Tasks { get; } = args.Number("--tasks", "N", "Tasks of each vCPU of the guest.", 4, 1, 64);

    public IReadOnlyList<long>? FetchesNs { get; } = Times(args.Repeated("--fetch", "TIME",
        "What a page takes to come, 100us say; may be given several times. Default: 0ns, the page is there; with a "
            + "bitmap also 1ms."));

    public int? Cpus { get; } = args.OptionalNumber<int>("--cpus", "N",
        "Cores that the simulated threads share. Default: those of this machine; with --predict one for each thread.",
        1, 4_096);

    public int Runs { get; } = args.Number("--runs", "N", "Runs, of which the medians are shown.", 10, 1, 1_000);

    public bool PredictOnly { get; } = args.Flag("--predict", "Only simulate, on whatever machine.");

    public bool Json { get; } = args.Flag("--json", "Print the same as JSON.");

    private static IReadOnlyList<long>? Times(string[] given) => given.Length == 0 ? null :
        [.. given.Select(text => Durations.TryParse(text, out var ns) && ns <= Distribution.MaxParameter ? ns
            : throw new InputException($"--fetch {text}", "expected a time, such as 100us"))];
}
