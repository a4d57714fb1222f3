using System.CommandLine;
using UapiLab.Cli.Plugins;
using UapiLab.Cli.Proposals;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Commands;

/// <summary><c>proposals verify</c>: every claim of every proposal, run again.</summary>
internal sealed class ProposalsCommand : Command
{
    public ProposalsCommand(Terminal terminal, EncodingRegistry registry, PluginHost plugins)
        : base("proposals", "Proposals as documents whose claims are run again.") => Add(new Verify(terminal, registry, plugins));

    private sealed class Verify : ExampleCommand
    {
        private readonly Argument<string[]> folders = new("FOLDER") { HelpName = "FOLDER", Description = "Folders below --proposals; default: all.", Arity = ArgumentArity.ZeroOrMore };
        private readonly Option<string> directory = new("--proposals") { HelpName = "DIR", Description = "Where proposals are.", DefaultValueFactory = _ => "proposals" };
        private readonly Option<bool> update = new("--update") { Description = "Write the evidence anew." };
        private readonly Option<ulong> seed = new("--seed") { HelpName = "N", Description = "Root of the seeds.", DefaultValueFactory = _ => 1 };
        private readonly Option<int> seeds = new("--seeds") { HelpName = "N", Description = "Repetitions.", DefaultValueFactory = _ => 5 };
        private readonly Option<int> threads = new("--threads") { HelpName = "N", Description = "Threads; 0 = one per core. Changes no result.", DefaultValueFactory = _ => 0 };

        public Verify(Terminal terminal, EncodingRegistry registry, PluginHost plugins)
            : base("verify", "Runs every claim again; fails on one that does not hold, and on evidence that is not what the claims say now.",
                "proposals verify", "proposals verify 0003-async-hint --update", "proposals verify --proposals my-idea --plugin my-idea/MyIdea.cs")
        {
            Add(folders);
            foreach (var option in new Option[] { directory, update, seed, seeds, threads })
            {
                Add(option);
            }

            plugins.AddTo(this);
            SetAction((result, cancellation) => Task.FromResult(plugins.Forward(result, lab => VerifyJob.Run(terminal, lab, Request(result) with { Beat = doing => plugins.Beat(doing) }, cancellation), cancellation)));
        }

        private VerifyRequest Request(ParseResult result) =>
            new(result.GetValue(folders) ?? [], result.GetValue(directory)!, result.GetValue(update), result.GetValue(seed), result.GetValue(seeds), result.GetValue(threads));
    }
}
