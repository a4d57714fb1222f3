using UapiLab.Abstractions;
using UapiLab.Cli.Ci;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Commands;

/// <summary><c>replay</c>: a history again, on the machine as it is now.</summary>
internal sealed class ReplayCommand : ExampleCommand
{
    public ReplayCommand(Terminal terminal, PluginHost plugins)
        : base(
            "replay",
            "Runs a history of check again, step by step, and refuses one that comes out differently.",
            "replay artifacts/check/NAME.trace.json",
            "replay NAME.trace.json --steps 12 --mail",
            "replay NAME.trace.json --html history.html",
            "replay NAME.trace.json --twice --quiet") =>
        Runs(plugins, (args, _) => new ReplayRequest(args), (request, lab, cancellation) =>
            Run(terminal, lab.Encodings, request, cancellation));

    private static int Run(Terminal terminal, EncodingRegistry registry, ReplayRequest request,
        CancellationToken cancellation)
    {
        var (path, count) = (request.File, request.Steps);
        if (count < 1)
        {
            throw new InputException(Invariant($"--steps {count}"), "expected a number from 1");
        }

        request.Pages.Try();
        var recorded = HistoryReader.Read(path,
            InputFile.Read(path, "a history that check wrote", cancellation));
        var encoding = registry.Resolve(recorded.Encoding);
        var history = Replay.Run(path, recorded, encoding, count);
        if (request.Twice
            && HistoryJson.Write(history) != HistoryJson.Write(Replay.Run(path, recorded, encoding, count)))
        {
            terminal.Error.WriteLine(
                $"uapilab: {path}: two runs of the same steps differ: the encoding is not deterministic");
            return ExitCode.Violation;
        }

        if (!request.Quiet)
        {
            terminal.Out.Write(request.Mail ? HistoryMail.Write(history) : HistoryText.Write(history));
        }

        return request.Pages.Write(terminal.Error, [history], ExitCode.Fine);
    }
}

/// <summary>The arguments of <c>replay</c>.</summary>
internal sealed class ReplayRequest(Arguments args)
{
    public string File { get; } = args.Word("FILE", "A .trace.json that check wrote.");

    public int Steps { get; } = args.Number("--steps", "N", "Only the first N steps.", int.MaxValue);

    public bool Mail { get; } = args.Flag("--mail", "72 columns of plain ASCII.");

    public HistoryOutputs Pages { get; } = new(args);

    public bool Twice { get; } = args.Flag(
        "--twice", "Run it twice and compare: machine and encoding are deterministic, or they are not.");

    public bool Quiet { get; } = args.Quiet();
}
