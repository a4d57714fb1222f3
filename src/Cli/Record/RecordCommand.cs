using UapiLab.Cli.Commands;
using UapiLab.Cli.Conform;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Cli.Record;

/// <summary><c>record</c>: a trace that conform can read, from this host.</summary>
internal sealed class RecordCommand : ExampleCommand
{
    public RecordCommand(Terminal terminal)
        : base(
            "record",
            "Records the KVM events that conform reads, on this host, as root (docs/recording.md).",
            "record --for 10",
            "record --out vm.trace",
            "record --script > record.sh") =>
        Runs(args => new RecordRequest(args), (request, cancellation) => Run(terminal, request, cancellation));

    private static int Run(Terminal terminal, RecordRequest request, CancellationToken cancellation)
    {
        TimeSpan? length = request.Seconds == 0 ? null : TimeSpan.FromSeconds(request.Seconds);
        if (request.Script)
        {
            terminal.Out.Write(TraceSetup.Script(request.Tracefs, request.File, length));
            return ExitCode.Fine;
        }

        new Recorder(new Tracefs(request.Tracefs), terminal.Error).Run(request.File, () =>
        {
            terminal.Error.WriteLine(length is null
                ? "uapilab: recording; Ctrl-C stops"
                : Invariant($"uapilab: recording for {length.Value.TotalSeconds} s"));
            cancellation.WaitHandle.WaitOne(length ?? Timeout.InfiniteTimeSpan);
        });
        Diagnose(terminal, request.File);
        terminal.Error.WriteLine($"uapilab: {request.File} is written; next: uapilab conform {request.File}");
        return ExitCode.Fine;
    }

    /// <summary>Who waits for what at the end, as on a stock kernel.</summary>
    internal static void Diagnose(Terminal terminal, string file)
    {
        try
        {
            // Ctrl-C, which ends a recording, does not end this.
            var report = TraceConformance.Check(file, new(), CancellationToken.None);
            ConformText.Diagnose(terminal.Out, report);
            if (report.Rejection is not null)
            {
                terminal.Error.WriteLine("uapilab: a kernel with a userfault interface needs conform --encoding");
            }
        }
        catch (TraceFormatException e)
        {
            terminal.Error.WriteLine($"uapilab: nothing to diagnose: {e.Message}");
        }
    }
}

/// <summary>The arguments of <c>record</c>.</summary>
internal sealed class RecordRequest(Arguments args)
{
    public string File { get; } = args.Output(
        "--out", "FILE", "Where the trace goes. Nothing is replaced.", "host.trace");

    public int Seconds { get; } = args.Number("--for", "SECONDS", "Stop after so long; 0 = at Ctrl-C.", 0, 0, 86_400);

    public bool Script { get; } = args.Flag(
        "--script", "Print a shell script that does the same, with the reasons, and record nothing.");

    public string Tracefs { get; } = args.Text("--tracefs", "DIR", "Where tracefs is mounted.", TraceSetup.UsualRoot);
}
