using UapiLab.Cli.Commands;
using UapiLab.Cli.Published;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Live;
using UapiLab.Live.Os;

namespace UapiLab.Cli.Live;

/// <summary><c>live</c>: what the simulator predicts, beside what the kernel of this host does.</summary>
internal sealed class LiveCommand : ExampleCommand
{
    private const string OnlyOne = "userfaultfd";

    /// <summary>Of the threads that fault.</summary>
    private static readonly int[] s_threads = [1, 2, 4];

    public LiveCommand(Terminal terminal, EncodingRegistry encodings)
        : base(
            "live",
            "Runs an encoding on this host's kernel, beside what the simulator predicts (docs/calibrate.md).",
            "live userfaultfd --costs host.json",
            "live userfaultfd --pages 2000 --runs 3") =>
        Runs(args => new LiveRequest(args, OnlyOne),
            (request, cancellation) => Run(terminal, encodings, request, cancellation));

    private static int Run(Terminal terminal, EncodingRegistry encodings, LiveRequest request,
        CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new InputException("live", "expected Linux, whose userfaultfd it uses");
        }

        var host = new Host(Cpus.OfProcess());
        if (Need.Userfaultfd.LackOf(host) is { } lack)
        {
            throw new InputException("live", $"expected a userfaultfd: {lack.Why}");
        }

        var costs = request.Costs is { } file ? CostTableFile.Read(file, HostProfile.Default, cancellation)
            : HostProfile.Default.Costs;
        var rows = s_threads.Select(threads => new LiveRow(threads,
            Measured(host, threads, request, cancellation),
            Simulated(encodings, costs, threads, request, cancellation))).ToArray();
        terminal.Out.Write(LiveText.Write(host, rows, terminal.Width));
        return ExitCode.Fine;
    }

    /// <summary>The medians of the runs. The reader has the first core, the threads that fault share the
    /// others.</summary>
    private static LiveFigures Measured(Host host, int threads, LiveRequest request, CancellationToken cancellation)
    {
        var others = host.Cpus.Cores.Count > 1 ? host.Cpus.Cores.Skip(1).ToArray() : [host.First];
        var faulting = Enumerable.Range(0, threads).Select(i => others[i % others.Length]).ToArray();
        List<LiveFigures> runs = [];
        for (var run = 0; run < request.Runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            var one = UserfaultfdRun.Of(host.First, faulting, request.Pages);
            runs.Add(new(one.ElapsedNs, one.PlacingNs.Count, Timing.At(one.LatencyNs, 0.5),
                Timing.At(one.LatencyNs, 0.9), one.WaitedNs));
        }

        double Median(Func<LiveFigures, double> of) => Timing.At(runs.Select(of), 0.5);
        return new(Median(r => r.ElapsedNs), Median(r => r.Faults), Median(r => r.LatencyP50Ns),
            Median(r => r.LatencyP90Ns), Median(r => r.WaitedNs));
    }

    /// <summary>A thread of the host takes no exit, and nothing is mapped for a guest; its fault costs what KVM's
    /// does.</summary>
    private static LiveFigures Simulated(EncodingRegistry encodings, CostTable costs, int threads, LiveRequest request,
        CancellationToken cancellation)
    {
        using var simulator = new Simulator(encodings.Resolve(OnlyOne),
            PublishedPlan.Touch(threads, pages: request.Pages),
            costs.With(Cost.VmExit, 0).With(Cost.MapPage, 0), seed: 1)
        { Cancellation = cancellation };
        var run = simulator.Run();
        return new(run.ElapsedNs, run.Faults, run.LatencyP50Ns, run.LatencyP90Ns, WaitedNs: 0);
    }
}

/// <summary>The arguments of <c>live</c>.</summary>
internal sealed class LiveRequest(Arguments args, string encoding)
{
    public string Encoding { get; } = args.Word("ENCODING", "What to run.", encoding);

    public string? Costs { get; } = args.Text("--costs", "FILE",
        "Cost table that the simulator charges, as calibrate writes it. Default: the assumed prices.");

    public int Pages { get; } = args.Number("--pages", "N", "Pages that each thread touches.", 400, 1, 100_000);

    public int Runs { get; } = args.Number("--runs", "N", "Runs, of which the medians are shown.", 10, 1, 1_000);
}

/// <summary>What is compared. Threads of the model never wait for a core.</summary>
internal sealed record LiveFigures(
    double ElapsedNs, double Faults, double LatencyP50Ns, double LatencyP90Ns, double WaitedNs);

/// <summary>A number of threads, and the two sides of it.</summary>
internal sealed record LiveRow(int Threads, LiveFigures Measured, LiveFigures Simulated);
