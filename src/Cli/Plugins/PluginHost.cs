using System.CommandLine;
using UapiLab.Cli.Compare;
using UapiLab.Cli.Concerns;
using UapiLab.Harness;
using UapiLab.Harness.Registry;
using UapiLab.Plugins;

namespace UapiLab.Cli.Plugins;

/// <summary>
/// The option <c>--plugin</c> of a command, and where its code runs: not in the process that the user started, but in one that
/// may die. Nothing of the loader is touched without a plugin; the compiler alone would double the time of <c>list</c>.
/// </summary>
internal sealed class PluginHost(Terminal terminal, Lab builtIn, IReadOnlyList<string> args, WorkerRole? role)
{
    private const string Builds = "artifacts/plugins";

    private readonly Option<string[]> paths = new("--plugin")
    {
        HelpName = "PATH",
        Description = "Encodings, workloads, properties or concerns from a .cs, .csproj or .dll, or a folder of them; may be repeated (docs/plugins.md).",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<int> seconds = new("--plugin-seconds") { HelpName = "N", Description = "Give up on a plugin that makes no progress for so long.", DefaultValueFactory = _ => 60 };
    private readonly Option<int> memory = new("--plugin-memory") { HelpName = "MIB", Description = "Memory that a plugin's process may take.", DefaultValueFactory = _ => 4_096 };

    private Watchdog? watchdog;

    public void AddTo(Command command)
    {
        command.Add(paths);
        command.Add(seconds);
        command.Add(memory);
    }

    /// <summary>Tells whoever watches this process that it gets on.</summary>
    public void Beat(string doing, Action? alone = null) => watchdog?.Beat(doing, alone);

    /// <summary>Runs a command: here if there is no plugin or this is the process for it, else in such a process.</summary>
    public int Forward(ParseResult result, Func<Lab, int> command, CancellationToken cancellation) =>
        Paths(result).Length == 0 ? command(builtIn)
        : role is not null ? InWorker(result, command)
        : Guarded(result, WorkerRole.Word, args, cancellation);

    /// <summary>A comparison: runs of a plugin's encodings are done elsewhere, one by one, and the rest here.</summary>
    public int Compare(ParseResult result, CompareRequest request, CancellationToken cancellation)
    {
        if (Paths(result).Length == 0)
        {
            return CompareJob.Run(terminal, builtIn, request, cancellation);
        }

        request = request with { Plugins = Paths(result) };
        if (role is { Serves: { } encoding })
        {
            return InWorker(result, all => RunServer.Serve(all, request, encoding, Limits(result)));
        }

        if (Loaded(result, cancellation, out var plugins) is var exit and not ExitCode.Fine)
        {
            return exit;
        }

        var notes = plugins.SelectMany(p => p.Families.Select(f => KeyValuePair.Create(f.Id, $"From a plugin: {p.Path}, SHA-256 {p.Sha256}.")));
        using var remote = new PluginRuns([.. plugins.SelectMany(p => p.Families.Select(f => f.Id))], args, Limits(result));
        return CompareJob.Run(terminal, With(plugins), request with { PluginNotes = notes.ToDictionary(), Remote = remote }, cancellation);
    }

    /// <summary>Concerns: what a plugin's code has a part in is decided elsewhere, a row at a time, and the rest here.</summary>
    public int Concerns(ParseResult result, Func<Lab, RemoteCells?, int> command, CancellationToken cancellation)
    {
        if (Paths(result).Length == 0)
        {
            return command(builtIn, null);
        }

        if (role is not null)
        {
            return InWorker(result, lab => command(lab, null));
        }

        return Loaded(result, cancellation, out var plugins) is var exit and not ExitCode.Fine ? exit
            : command(With(plugins), new RemoteCells([.. plugins.SelectMany(p => p.Families.Select(f => f.Id))], PluginWords(result), Limits(result), cancellation));
    }

    /// <summary>The plugins, once they were made and described in a process that may die of it.</summary>
    private int Loaded(ParseResult result, CancellationToken cancellation, out IReadOnlyList<Plugin> plugins)
    {
        var exit = Guarded(result, WorkerRole.Word, [LoadCommand.Word, .. PluginWords(result)], cancellation);
        plugins = exit == ExitCode.Fine ? PluginFiles.Load(Paths(result), Builds) : [];
        return exit == ExitCode.Violation ? ExitCode.BadInput : exit;
    }

    private IReadOnlyList<string> PluginWords(ParseResult result) =>
        [.. Paths(result).SelectMany(p => new[] { "--plugin", p }), "--plugin-seconds", Text(Limits(result).Seconds), "--plugin-memory", Text(Limits(result).MemoryMiB)];

    private string[] Paths(ParseResult result) => result.GetValue(paths) ?? [];

    private PluginLimits Limits(ParseResult result) => new(Within(seconds, result, 1, 100_000), Within(memory, result, 64, 1 << 20));

    private int Guarded(ParseResult result, string word, IReadOnlyList<string> words, CancellationToken cancellation)
    {
        PluginFiles.Compile(Paths(result), Builds);
        return Supervisor.Run(terminal, [word, .. words], Limits(result), cancellation);
    }

    private int InWorker(ParseResult result, Func<Lab, int> command)
    {
        using var watching = watchdog = new Watchdog(Limits(result).Seconds, isServer: role?.Serves is not null);
        Beat("loading " + string.Join(", ", Paths(result)));
        try
        {
            var all = With(PluginFiles.Load(Paths(result), Builds));
            Beat(role!.Serves is null ? "at " + result.CommandResult.Command.Name : "");
            var exit = command(all);
            watching.Done();
            return exit;
        }
        catch (OutOfMemoryException)
        {
            watching.Tell(FormattableString.Invariant($"out of memory: more than {Limits(result).MemoryMiB} MiB (--plugin-memory)"));
        }
        catch (Exception e) when (e is not (InputException or PluginSourceException or OperationCanceledException))
        {
            // A half that answers differently each time leads a search anywhere, also out of what it can follow.
            watching.Tell(PluginFault.Tell(e) + "; is it deterministic?");
        }

        return ExitCode.Violation;
    }

    /// <summary>Whatever an encoding does while it is described is told as that, not as an error of the lab.</summary>
    private Lab With(IReadOnlyList<Plugin> plugins)
    {
        try
        {
            var lab = new Lab(new([.. builtIn.Encodings.Families, .. plugins.SelectMany(p => p.Families)]));
            lab = plugins.SelectMany(p => p.Workloads).Aggregate(lab, (known, workload) => known.With(workload));
            lab = plugins.SelectMany(p => p.Properties).Aggregate(lab, (known, property) => known.With(property));
            return plugins.SelectMany(p => p.Concerns).Aggregate(lab, (known, concern) => known.With(concern));
        }
        catch (Exception e) when (e is not (InputException or OutOfMemoryException))
        {
            throw new InputException("--plugin " + string.Join(", ", plugins.Select(p => p.Path)), PluginFault.Tell(e));
        }
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static int Within(Option<int> option, ParseResult result, int low, int high) => result.GetValue(option) is var value && value >= low && value <= high
        ? value
        : throw new InputException(FormattableString.Invariant($"{option.Name} {value}"), FormattableString.Invariant($"expected a number from {low} to {high}"));
}
