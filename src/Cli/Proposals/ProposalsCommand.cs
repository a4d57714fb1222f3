using System.CommandLine;
using UapiLab.Cli.Ci;
using UapiLab.Cli.Commands;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Foundation;

namespace UapiLab.Cli.Proposals;

/// <summary><c>proposals</c>: every claim run again, and a proposal as mails.</summary>
internal sealed class ProposalsCommand : Command
{
    public ProposalsCommand(Terminal terminal, PluginHost plugins)
        : base("proposals", "Proposals as documents whose claims are run again.")
    {
        Add(new Verify(terminal, plugins));
        Add(new Mail(terminal, plugins));
        SetAction(_ =>
        {
            terminal.Error.WriteLine($"uapilab: proposals: expected a command: {CommandTree.OneOf(this)}; "
                + "proposals --help explains it");
            return ExitCode.BadInput;
        });
    }

    private sealed class Verify : ExampleCommand
    {
        public Verify(Terminal terminal, PluginHost plugins)
            : base(
                "verify",
                "Runs every claim again; fails on one that does not hold, and on evidence that is not what the claims "
                    + "say now.",
                "proposals verify",
                "proposals verify 0003-async-hint --update",
                "proposals verify --json",
                "proposals verify --proposals my-idea --plugin my-idea/MyIdea.cs") =>
            Runs(
                plugins,
                (args, _) => new VerifyRequest(args) { Heartbeat = plugins.Heartbeat },
                (request, lab, cancellation) => VerifyJob.Run(terminal, lab, request, cancellation));
    }

    private sealed class Mail : ExampleCommand
    {
        public Mail(Terminal terminal, PluginHost plugins)
            : base(
                "mail",
                "Writes a proposal as a cover letter and patches for git send-email (docs/to-the-list.md).",
                "proposals mail 0003 --base ~/linux",
                "proposals mail my-idea --base ~/linux --proposals proposals --plugin my-idea/MyIdea.cs --out mails") =>
            Runs(
                plugins,
                (args, _) => new MailRequest(args),
                (request, lab, cancellation) => MailJob.Run(terminal, lab, request, cancellation));
    }
}

/// <summary>The arguments of <c>proposals mail</c>.</summary>
internal sealed class MailRequest(Arguments args)
{
    private readonly IReadOnlyList<string> _folders =
        args.Words("FOLDER", "One below --proposals; its number will do.");

    public string Folder => _folders is [var one] ? one
        : throw new InputException("proposals mail", "expected one proposal");

    private readonly string? _tree = args.Text("--base", "TREE", "The kernel tree that is patched.");

    public string Tree => _tree is { Length: > 0 } tree ? tree
        : throw new InputException("proposals mail", "expected --base TREE with it");

    public string Out { get; } = args.Text("--out", "DIR", "Where the mails go. None is replaced.", "artifacts/mail");

    public string Directory { get; } = args.Text("--proposals", "DIR", "Where proposals are.", "proposals");
}

/// <summary>The arguments of <c>proposals verify</c>.</summary>
internal sealed class VerifyRequest(Arguments args)
{
    public IReadOnlyList<string> Folders { get; } = args.Words("FOLDER", "Folders below --proposals; default: all.");

    public string Directory { get; } = args.Text("--proposals", "DIR", "Where proposals are.", "proposals");

    public bool Update { get; } = args.Flag("--update", "Write the evidence anew.");

    public bool Json { get; } = args.Flag("--json", "Print claims, what was measured and verdicts as JSON.");

    public ulong Seed { get; } = args.Number<ulong>("--seed", "N", "Root of the seeds.", 1);

    public int Seeds { get; } = args.Number("--seeds", "N", "Repetitions.", 5, 2, 1_000);

    public int Threads { get; } = args.Threads();

    public CiOutputs Ci { get; } = new(args, junit: "a case for each claim, and one for the evidence of each proposal");

    /// <summary>Tells the watchdog of this process that it gets on, and with what.</summary>
    public required Action<string> Heartbeat { get; init; }
}
