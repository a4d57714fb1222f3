using System.CommandLine;
using UapiLab.Cli.Record;
using UapiLab.Harness;

namespace UapiLab.Cli.Commands;

/// <summary><c>record</c>: a trace that conform can read, from this host.</summary>
internal sealed class RecordCommand : ExampleCommand
{
    private const int LongestSeconds = 86_400;

    private readonly Option<string> output = new("--out") { HelpName = "FILE", Description = "Where the trace goes.", DefaultValueFactory = _ => "host.trace" };
    private readonly Option<int> seconds = new("--for") { HelpName = "SECONDS", Description = "Stop after so long; 0 = at Ctrl-C.", DefaultValueFactory = _ => 0 };
    private readonly Option<bool> script = new("--script") { Description = "Print a shell script that does the same, with the reasons, and record nothing." };
    private readonly Option<string> tracefs = new("--tracefs") { HelpName = "DIR", Description = "Where tracefs is mounted.", DefaultValueFactory = _ => TraceSetup.UsualRoot };

    public RecordCommand(Terminal terminal)
        : base("record", "Records the KVM events that conform reads, on this host, as root (docs/recording.md).", "record --for 10", "record --out vm.trace", "record --script > record.sh")
    {
        foreach (var option in new Option[] { output, seconds, script, tracefs })
        {
            Add(option);
        }

        SetAction((result, cancellation) => Task.FromResult(Run(terminal, result, cancellation)));
    }

    private int Run(Terminal terminal, ParseResult result, CancellationToken cancellation)
    {
        var file = result.GetValue(output)!;
        var length = result.GetValue(seconds) switch
        {
            0 => (TimeSpan?)null,
            > 0 and <= LongestSeconds and var s => TimeSpan.FromSeconds(s),
            var s => throw new InputException(FormattableString.Invariant($"--for {s}"), FormattableString.Invariant($"expected a number from 0 to {LongestSeconds}")),
        };
        if (result.GetValue(script))
        {
            terminal.Out.Write(TraceSetup.Script(result.GetValue(tracefs)!, file, length));
            return ExitCode.Fine;
        }

        new Recorder(new Tracefs(result.GetValue(tracefs)!), terminal.Error).Run(file, () =>
        {
            terminal.Error.WriteLine(length is null ? "uapilab: recording; Ctrl-C stops" : FormattableString.Invariant($"uapilab: recording for {length.Value.TotalSeconds} s"));
            cancellation.WaitHandle.WaitOne(length ?? Timeout.InfiniteTimeSpan);
        });
        terminal.Error.WriteLine($"uapilab: {file} is written; next: uapilab conform {file}");
        return ExitCode.Fine;
    }
}
