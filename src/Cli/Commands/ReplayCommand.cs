using System.CommandLine;
using UapiLab.Cli.Plugins;
using UapiLab.Harness;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Commands;

/// <summary><c>replay</c>: a history again, on the machine as it is now.</summary>
internal sealed class ReplayCommand : ExampleCommand
{
    private readonly Argument<string> file = new("FILE") { HelpName = "FILE", Description = "A .trace.json that check wrote." };
    private readonly Option<int> steps = new("--steps") { HelpName = "N", Description = "Only the first N steps.", DefaultValueFactory = _ => int.MaxValue };
    private readonly Option<bool> mail = new("--mail") { Description = "72 columns of plain ASCII." };
    private readonly Option<bool> twice = new("--twice") { Description = "Run it twice and compare: machine and encoding are deterministic, or they are not." };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Print nothing but errors." };

    public ReplayCommand(Terminal terminal, EncodingRegistry registry, PluginHost plugins)
        : base(
            "replay",
            "Runs a history of check again, step by step, and refuses one that comes out differently.",
            "replay artifacts/check/NAME.trace.json",
            "replay NAME.trace.json --steps 12 --mail",
            "replay NAME.trace.json --twice --quiet")
    {
        Add(file);
        foreach (var option in new Option[] { steps, mail, twice, quiet })
        {
            Add(option);
        }

        plugins.AddTo(this);
        SetAction((result, cancellation) => Task.FromResult(plugins.Forward(result, lab => Run(terminal, lab.Encodings, result), cancellation)));
    }

    private int Run(Terminal terminal, EncodingRegistry registry, ParseResult result)
    {
        var path = result.GetValue(file)!;
        var count = result.GetValue(steps);
        if (count < 1)
        {
            throw new InputException(FormattableString.Invariant($"--steps {count}"), "expected a number from 1");
        }

        var recorded = HistoryReader.Read(path, Bytes(path));
        var encoding = registry.Resolve(recorded.Encoding);
        var history = Replay.Run(path, recorded, encoding, count);
        if (result.GetValue(twice) && HistoryJson.Write(history) != HistoryJson.Write(Replay.Run(path, recorded, encoding, count)))
        {
            terminal.Error.WriteLine($"uapilab: {path}: two runs of the same steps differ: the encoding is not deterministic");
            return ExitCode.Violation;
        }

        if (!result.GetValue(quiet))
        {
            terminal.Out.Write(result.GetValue(mail) ? HistoryMail.Write(history) : HistoryText.Write(history));
        }

        return ExitCode.Fine;
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "expected a readable file: " + e.Message);
        }
    }
}
