using UapiLab.Abstractions;
using UapiLab.Cli.Ci;
using UapiLab.Cli.Commands;
using UapiLab.Cli.Plugins;
using UapiLab.Cli.Shards;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;

namespace UapiLab.Cli.Concerns;

/// <summary><c>concerns</c>: what the thread worries about, decided for each encoding.</summary>
internal sealed class ConcernsCommand : ExampleCommand
{
    public ConcernsCommand(PluginHost plugins)
        : base(
            "concerns",
            "Decides the concerns of the thread, C1 to C17, for each encoding, with evidence for every cell.",
            "concerns",
            "concerns single-bit async-hint C1 C10",
            "concerns single-bit C8 --explain",
            "concerns async-hint multi-bit:bits=4 --json",
            "concerns my-idea C1 C16 --plugin my-idea/MyIdea.cs")
    {
        Declare(plugins, (args, lab) => new ConcernsRequest(args, lab) { Heartbeat = plugins.Heartbeat });
        SetAction((result, cancellation) => Task.FromResult(plugins.Concerns(
            result, lab => new(new(this, result), lab) { Heartbeat = plugins.Heartbeat }, cancellation)));
    }
}

/// <summary>The arguments of <c>concerns</c>.</summary>
internal sealed class ConcernsRequest(Arguments args, LabCatalog lab)
{
    private IReadOnlyList<string> Names { get; } = args.Words(
        "ENCODING|CONCERN",
        "Encodings and concerns (C1 to C17) to decide; default: all of the comparison's encodings, every concern.",
        lab.Encodings.Families.Select(f => f.Id).Concat(lab.Concerns.Select(c => c.Id)),
        name => Check(lab, name));

    public bool Explain { get; } = args.Flag(
        "--explain", "Print the question, how it is decided, and all evidence with its histories.");

    public bool Details { get; } = args.Flag("--details", "Print every cell in words, however many there are.");

    public bool Json { get; } = args.Flag("--json", "Print answer and cells as JSON.");

    public bool Fresh { get; } =
        args.Flag("--fresh", "Decide again what was decided before and has not changed since.");

    public ulong Seed { get; } = args.Number<ulong>("--seed", "N", "Root of the seeds of simulations.", 1);

    public ShardRequest Shards { get; } = new(args, "cells");

    public int Threads { get; } = args.Threads();

    public string Directory { get; } = args.Text(
        "--out", "DIR", "Where the matrix, its page report.html and its cells are kept.", "artifacts/concerns");

    public string Page => Path.Combine(Directory, "report.html");

    public CiOutputs Ci { get; } = new(args);

    /// <summary>What decides a cell, as words of a command line.</summary>
    public IReadOnlyList<string> Words => ["--seed", Invariant($"{Seed}"), "--threads", Invariant($"{Threads}")];

    /// <summary>What decides the matrix, as words of a command line.</summary>
    public IReadOnlyList<string> Command => ["concerns", .. Names, .. Plugins.SelectMany(p => new[] { "--plugin", p }),
        "--seed", Invariant($"{Seed}")];

    /// <summary>Paths of the plugins.</summary>
    public IReadOnlyList<string> Plugins { get; } = args.Given("--plugin");

    /// <summary>Tells the watchdog of this process that it gets on, and with what.</summary>
    public required Action<string> Heartbeat { get; init; }

    public IReadOnlyList<string> Encodings => [.. Names.Where(n => !IsConcern(lab, n))];

    /// <summary>Those named, or all.</summary>
    public IReadOnlyList<IConcern> Concerns
    {
        get
        {
            IConcern[] named = [.. lab.Concerns.Where(c => Names.Contains(c.Id, StringComparer.OrdinalIgnoreCase))];
            return named.Length > 0 ? named : lab.Concerns;
        }
    }

    private static void Check(LabCatalog lab, string name)
    {
        if (name.Length > 1 && name[0] is 'C' or 'c' && name.Skip(1).All(char.IsAsciiDigit) && !IsConcern(lab, name))
        {
            var known = string.Join(", ", lab.Concerns.Select(c => c.Id));
            throw new InputException(name, $"unknown concern, expected one of {known}");
        }
    }

    private static bool IsConcern(LabCatalog lab, string name) =>
        lab.Concerns.Any(c => c.Id.Equals(name, StringComparison.OrdinalIgnoreCase));
}
