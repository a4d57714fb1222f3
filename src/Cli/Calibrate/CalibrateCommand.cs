using UapiLab.Cli.Commands;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Simulation;
using UapiLab.Live;
using UapiLab.Live.Os;

namespace UapiLab.Cli.Calibrate;

/// <summary><c>calibrate</c>: the prices of this host, as a cost table.</summary>
internal sealed class CalibrateCommand : ExampleCommand
{
    public CalibrateCommand(Terminal terminal)
        : base(
            "calibrate",
            "Measures the prices of this host, and writes a cost table of them (docs/calibrate.md).",
            "calibrate",
            "calibrate --out server.json",
            "calibrate --json") =>
        Runs(args => new CalibrateRequest(args), (request, cancellation) => Run(terminal, request, cancellation));

    private static int Run(Terminal terminal, CalibrateRequest request, CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new InputException("calibrate", "expected Linux, whose system calls it measures");
        }

        return Run(terminal, request, new(Cpus.OfProcess()), ProbeList.All, request.Rounds, cancellation);
    }

    /// <summary>Measures a host with some probes, prints what came out and writes the table.</summary>
    internal static int Run(Terminal terminal, CalibrateRequest request, Host host, IReadOnlyList<Probe> probes,
        int rounds, CancellationToken cancellation)
    {
        RefuseOtherFile(request.File, cancellation);
        OutputFile.Try(request.File);
        var progress = terminal.Progress is { } line ? new ProgressLine(line) : null;
        var all = Calibration.Run(host, probes, rounds, done => progress?.Show(() => done), cancellation);
        progress?.Clear();
        var table = new CalibratedTable(host, all);
        terminal.Out.Write(request.Json ? CalibrateJson.Write(table) : CalibrateText.Write(table, terminal.Width));
        OutputFile.Write(request.File, CostTableFile.Write(table.Measured));
        if (!request.Json)
        {
            terminal.Error.WriteLine(
                $"uapilab: {request.File} is written; next: uapilab compare --costs {request.File}");
        }

        var lacks = all.Prices.Where(p => p.LacksRight).Select(p => p.Why)
            .Concat(all.Counts.Where(c => c.LacksRight).Select(c => c.Why)).Distinct().ToArray();
        foreach (var lack in lacks)
        {
            terminal.Error.WriteLine($"uapilab: calibrate: {lack}");
        }

        return lacks.Length > 0 ? ExitCode.BadInput : ExitCode.Fine;
    }

    /// <summary>A name that somebody else's file has is a mistake; an older table is there to be replaced.</summary>
    private static void RefuseOtherFile(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path) || new FileInfo(path) is { Length: 0 })
        {
            return;
        }

        try
        {
            CostTableFile.Read(path, HostProfile.Default, cancellation);
        }
        catch (InputException)
        {
            throw new InputException(path, "expected a new name for --out, or that of an older cost table");
        }
    }
}

/// <summary>The arguments of <c>calibrate</c>.</summary>
internal sealed class CalibrateRequest(Arguments args)
{
    public string File { get; } = args.Output(
        "--out", "FILE", "Where the cost table goes. Only an older one is replaced.", "host.json");

    public int Rounds { get; } = args.Number(
        "--rounds", "N", "Turns that each probe has at most.", Calibration.Rounds, 1, 1_000);

    public bool Json { get; } = args.Flag("--json", "Print what was measured, and why something was not, as JSON.");
}
