using UapiLab.Cli.Commands;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Testing;

namespace UapiLab.Cli.Test;

/// <summary><c>test</c>: the whole conformance kit, without a test project.</summary>
internal sealed class TestCommand : ExampleCommand
{
    public TestCommand(Terminal terminal, PluginHost plugins)
        : base(
            "test",
            "Tries every property of the conformance kit on an encoding.",
            "test single-bit",
            "test my-idea --plugin my-idea/MyIdea.cs",
            "test my-idea --plugin my-idea/MyIdea.cs --property follows-the-contract --cases 10000") =>
        Runs(
            plugins,
            (args, lab) => new TestRequest(args, lab) { Heartbeat = plugins.Heartbeat },
            (request, lab, cancellation) => TestJob.Run(terminal, lab, request, cancellation));
}

/// <summary>The arguments of <c>test</c>.</summary>
internal sealed class TestRequest(Arguments args, LabCatalog lab)
{
    private static readonly string[] s_all = [.. ConformanceKit.Properties.Select(p => p.Key)];

    public IReadOnlyList<string> Encodings { get; } =
        args.Words("ENCODING", "Encodings to try.", lab.Encodings.Families.Select(f => f.Id));

    private IReadOnlyList<string> Named { get; } = args.Repeated(
        "--property", "NAME", "Property to try, may be repeated (docs/testing-kit.md). Default: all.", s_all);

    public bool KeepGoing { get; } = args.Flag("--keep-going",
        "Do not end at the first property that is broken; cheap ones come first.");

    private int? Cases { get; } = args.OptionalNumber<int>(
        "--cases", "N", "Generated cases of each property, and rounds of real threads.", 1, 1_000_000);

    private ulong Seed { get; } = args.Number<ulong>("--seed", "N", "Root of everything generated.", 1);

    private string? Replay { get; } = args.Text(
        "--replay", "SEED,GAMMA,SIZE", "Begin at one case, as it is printed with what it breaks.");

    /// <summary>Tells the watchdog of this process that it gets on, and with what.</summary>
    public required Action<string> Heartbeat { get; init; }

    public IReadOnlyList<string> Properties => Named.Count == 0 ? s_all : Named;

    public ConformanceSettings Settings
    {
        get
        {
            var usual = ConformanceSettings.Default;
            return usual with
            {
                Cases = Cases ?? usual.Cases,
                Rounds = Cases ?? usual.Rounds,
                Seed = Seed,
                Replay = Replay,
            };
        }
    }
}
