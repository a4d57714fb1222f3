using System.CommandLine;
using UapiLab.Cli.Concerns;
using UapiLab.Cli.Plugins;
using UapiLab.Harness;
using UapiLab.Harness.Concerns;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Commands;

/// <summary><c>concerns</c>: what the thread worries about, decided for each encoding.</summary>
internal sealed class ConcernsCommand : ExampleCommand
{
    private readonly Argument<string[]> names = new("ENCODING|CONCERN")
    {
        HelpName = "ENCODING|CONCERN",
        Description = "Encodings and concerns (C1 to C16) to decide; default: all of the comparison's encodings, every concern.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> explain = new("--explain") { Description = "Print the question, how it is decided, and all evidence with its histories." };
    private readonly Option<bool> json = new("--json") { Description = "Print the cells as JSON." };
    private readonly Option<bool> fresh = new("--fresh") { Description = "Decide again what was decided before and has not changed since." };
    private readonly Option<ulong> seed = new("--seed") { HelpName = "N", Description = "Root of the seeds of simulations.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> threads = new("--threads") { HelpName = "N", Description = "Threads; 0 = one per core. Changes no result.", DefaultValueFactory = _ => 0 };
    private readonly Option<string> directory = new("--out") { HelpName = "DIR", Description = "Where the matrix and its cells are kept.", DefaultValueFactory = _ => "artifacts/concerns" };

    public ConcernsCommand(Terminal terminal, EncodingRegistry registry, PluginHost plugins)
        : base(
            "concerns",
            "Decides the concerns of the thread, C1 to C16, for each encoding, with evidence for every cell.",
            "concerns",
            "concerns single-bit C8 --explain",
            "concerns async-hint multi-bit:bits=4 --json",
            "concerns my-idea C1 C16 --plugin my-idea/MyIdea.cs")
    {
        names.CompletionSources.Add(_ => registry.Families.Select(f => f.Id).Concat(Concern.All.Select(c => c.Id)).Select(n => new System.CommandLine.Completions.CompletionItem(n)));
        Add(names);
        foreach (var option in new Option[] { explain, json, fresh, seed, threads, directory })
        {
            Add(option);
        }

        plugins.AddTo(this);
        SetAction((result, cancellation) => Task.FromResult(plugins.Concerns(
            result, (lab, elsewhere) => ConcernsJob.Run(terminal, lab, Request(result, lab) with { Beat = doing => plugins.Beat(doing), Elsewhere = elsewhere }, cancellation), cancellation)));
    }

    private ConcernsRequest Request(ParseResult result, Lab lab)
    {
        var all = result.GetValue(names) ?? [];
        if (all.FirstOrDefault(n => n.StartsWith('-')) is { } unknown)
        {
            throw new InputException(unknown, $"unknown option, expected one of {string.Join(", ", Options.Select(o => o.Name))}");
        }

        if (all.FirstOrDefault(n => LooksLikeConcern(n) && !IsConcern(lab, n)) is { } noConcern)
        {
            throw new InputException(noConcern, $"unknown concern, expected one of {string.Join(", ", lab.Concerns.Select(c => c.Id))}");
        }

        return new(
            [.. all.Where(n => !IsConcern(lab, n))],
            [.. lab.Concerns.Where(c => !all.Any(n => IsConcern(lab, n)) || all.Contains(c.Id, StringComparer.OrdinalIgnoreCase))],
            result.GetValue(explain), result.GetValue(json), result.GetValue(fresh), result.GetValue(seed), result.GetValue(threads), result.GetValue(directory)!);
    }

    private static bool LooksLikeConcern(string name) => name.Length > 1 && name[0] is 'C' or 'c' && name.Skip(1).All(char.IsAsciiDigit);

    private static bool IsConcern(Lab lab, string name) => lab.Concerns.Any(c => c.Id.Equals(name, StringComparison.OrdinalIgnoreCase));
}
