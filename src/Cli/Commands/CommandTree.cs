using System.CommandLine;
using System.CommandLine.Help;
using UapiLab.Cli.Bench;
using UapiLab.Cli.Calibrate;
using UapiLab.Cli.Check;
using UapiLab.Cli.Cluster;
using UapiLab.Cli.Compare;
using UapiLab.Cli.Concerns;
using UapiLab.Cli.Conform;
using UapiLab.Cli.Live;
using UapiLab.Cli.Plugins;
using UapiLab.Cli.Proposals;
using UapiLab.Cli.Record;
using UapiLab.Cli.Shards;
using UapiLab.Cli.Test;
using UapiLab.Cli.Uapi;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Lab;

namespace UapiLab.Cli.Commands;

/// <summary>All commands.</summary>
internal static class CommandTree
{
    /// <summary>Builds them. Each is one file, in the folder of its name or in this one.</summary>
    /// <param name="terminal">Where they write.</param>
    /// <param name="args">The command line, to be done again in another process where there are plugins.</param>
    /// <param name="worker">Where this is that other process.</param>
    public static RootCommand Build(Terminal terminal, IReadOnlyList<string>? args = null, WorkerSide? worker = null)
    {
        var lab = new LabCatalog(new(BuiltInEncodings.All));
        PluginHost Plugins() => new(terminal, lab, args ?? [], worker);
        var root = new RootCommand(
            "Compares and checks proposals for how KVM tells a VMM of a guest page fault, and gets the answer.")
        {
            new CompareCommand(terminal, Plugins()),
            new ReportCommand(terminal),
            new CheckCommand(terminal, Plugins()),
            new SiloCommand(terminal, lab.Encodings),
            new TestCommand(terminal, Plugins()),
            new ConcernsCommand(Plugins()),
            new MergeCommand(terminal),
            new ProposalsCommand(terminal, Plugins()),
            new ReplayCommand(terminal, Plugins()),
            new RunCommand(terminal, Plugins()),
            new UapiCommand(terminal, Plugins()),
            new ConformCommand(terminal, lab.Encodings),
            new RecordCommand(terminal),
            new CalibrateCommand(terminal),
            new LiveCommand(terminal, Plugins()),
            new BenchCommand(terminal, Plugins()),
            new ListCommand(terminal, Plugins()),
            new NewCommand(terminal, lab.Encodings.Families.Select(f => f.Id)),
            new CompletionCommand(terminal),
        };
        if (worker is not null)
        {
            root.Add(new LoadCommand(Plugins()));
        }

        root.SetAction(result =>
        {
            terminal.Error.WriteLine($"uapilab: expected a command: {OneOf(root)}; --help explains them");
            return ExitCode.BadInput;
        });

        // Help is one recursive option of the root; it writes the examples of the command it was asked about.
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!, terminal.Width);
        }

        return root;
    }

    /// <summary>What is wrong with a command line, in one line; the library's own words are for a terminal.</summary>
    public static string Wrong(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        return command.Subcommands.Count > 0
            && parsed.UnmatchedTokens.FirstOrDefault(t => !t.StartsWith('-')) is { } word
                ? Unknown.Word(word, "command", word, Names(command)).Message
            : command.Arguments.FirstOrDefault(a => a.Arity.MinimumNumberOfValues > 0
                && parsed.GetResult(a) is null or { Tokens.Count: 0 }) is { } missing
                ? $"{command.Name}: expected {missing.Name}: {missing.Description}"
            : string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>The commands below one.</summary>
    public static string[] Names(Command command) =>
        [.. command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)];

    /// <summary>The same in words.</summary>
    public static string OneOf(Command command) => Names(command) is [.. var some, var last] && some.Length > 0
        ? $"{string.Join(", ", some)} or {last}" : string.Concat(Names(command));
}
