using System.CommandLine;
using System.Globalization;
using UapiLab.Cli.Commands;
using UapiLab.Cli.Compare;
using UapiLab.Cli.Concerns;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Plugins;

namespace UapiLab.Cli.Plugins;

/// <summary>
/// The option <c>--plugin</c> of a command, and where its code runs: not in the process that the user started, but in
/// one that may die. Nothing of the loader is touched without a plugin; the compiler alone would double the time of
/// <c>list</c>.
/// </summary>
internal sealed class PluginHost(Terminal terminal, LabCatalog builtIn, IReadOnlyList<string> args, WorkerRole? role)
{
    private const string Builds = "artifacts/plugins";

    private Watchdog? _watchdog;

    /// <summary>What is built in.</summary>
    public LabCatalog BuiltIn => builtIn;

    /// <summary>Declares the arguments about plugins.</summary>
    public static void AddTo(Command command) => _ = new PluginRequest(new(command));

    /// <summary>Tells whoever watches this process that it gets on.</summary>
    public void Heartbeat(string doing) => Heartbeat(doing, null);

    /// <summary>Tells it how to do the like on one thread too.</summary>
    public void Heartbeat(string doing, Action? alone) => _watchdog?.Beat(doing, alone);

    /// <summary>Runs a command: here if there is no plugin or this is the process for it, else in such a
    /// process.</summary>
    public int Forward(ParseResult result, Func<LabCatalog, int> command, CancellationToken cancellation) =>
        Asked(result) is not { Paths.Count: > 0 } asked ? command(builtIn)
        : role is not null ? InWorker(result, asked, command)
        : Guarded(asked, WorkerRole.Word, args, cancellation);

    /// <summary>A comparison: runs of a plugin's encodings are done elsewhere, one by one, and the rest here.</summary>
    public int Compare(ParseResult result, CompareRequest request, CancellationToken cancellation)
    {
        var asked = Asked(result);
        if (asked.Paths.Count == 0)
        {
            return CompareJob.Run(terminal, builtIn, request, cancellation);
        }

        request.Plugins = asked.Paths;
        if (role is { Serves: { } encoding })
        {
            return InWorker(result, asked, all => RunServer.Serve(all, request, encoding, asked.Limits));
        }

        if (Loaded(asked, cancellation, out var plugins) is var exit and not ExitCode.Fine)
        {
            return exit;
        }

        var notes =
            plugins.SelectMany(
                p => p.Families.Select(f => KeyValuePair.Create(f.Id,
                $"From a plugin: {p.Path}, SHA-256 {p.Sha256}.")));
        using var remote = new PluginRuns([.. plugins.SelectMany(p => p.Families.Select(f => f.Id))], args,
            asked.Limits);
        request.PluginNotes = notes.ToDictionary();
        request.Remote = remote;
        return CompareJob.Run(terminal, With(plugins), request, cancellation);
    }

    /// <summary>Concerns: what a plugin's code has a part in is decided elsewhere, a row at a time, and the rest
    /// here.</summary>
    public int Concerns(ParseResult result, Func<LabCatalog, RemoteCells?, int> command, CancellationToken cancellation)
    {
        var asked = Asked(result);
        if (asked.Paths.Count == 0)
        {
            return command(builtIn, null);
        }

        if (role is not null)
        {
            return InWorker(result, asked, lab => command(lab, null));
        }

        return Loaded(asked, cancellation, out var plugins) is var exit and not ExitCode.Fine ? exit
            : command(With(plugins), new RemoteCells([.. plugins.SelectMany(p => p.Families.Select(f => f.Id))], asked,
                cancellation));
    }

    /// <summary>The plugins, once they were made and described in a process that may die of it.</summary>
    private int Loaded(PluginRequest asked, CancellationToken cancellation, out IReadOnlyList<Plugin> plugins)
    {
        var exit = Guarded(asked, WorkerRole.Word, [LoadCommand.Word, .. asked.Words], cancellation);
        plugins = exit == ExitCode.Fine ? PluginFiles.Load(asked.Paths, Builds) : [];
        return exit == ExitCode.Violation ? ExitCode.BadInput : exit;
    }

    private static PluginRequest Asked(ParseResult result) => new(new(result.CommandResult.Command, result));

    private int Guarded(PluginRequest asked, string word, IReadOnlyList<string> words, CancellationToken cancellation)
    {
        PluginFiles.Compile(asked.Paths, Builds);
        return Supervisor.Run(terminal, [word, .. words], asked.Limits, cancellation);
    }

    private int InWorker(ParseResult result, PluginRequest asked, Func<LabCatalog, int> command)
    {
        using var watching = _watchdog = new Watchdog(asked.Limits.Seconds, isServer: role?.Serves is not null);
        Heartbeat("loading " + string.Join(", ", asked.Paths));
        try
        {
            var all = With(PluginFiles.Load(asked.Paths, Builds));
            Heartbeat(role!.Serves is null ? "at " + result.CommandResult.Command.Name : "");
            var exit = command(all);
            watching.Done();
            return exit;
        }
        catch (OutOfMemoryException)
        {
            watching.Report(Invariant($"out of memory: more than {asked.Limits.MemoryMiB} MiB (--plugin-memory)"));
        }
        catch (Exception e) when (e is not (InputException or PluginSourceException or OperationCanceledException))
        {
            // A half that answers differently each time leads a search anywhere, also out of what it can follow.
            watching.Report(PluginFault.Describe(e) + "; is it deterministic?");
        }

        return ExitCode.Violation;
    }

    /// <summary>Whatever an encoding does while it is described is told as that, not as an error of the lab.</summary>
    private LabCatalog With(IReadOnlyList<Plugin> plugins)
    {
        try
        {
            var lab = new LabCatalog(new([.. builtIn.Encodings.Families, .. plugins.SelectMany(p => p.Families)]));
            lab = plugins.SelectMany(p => p.Workloads).Aggregate(lab, (known, workload) => known.With(workload));
            lab = plugins.SelectMany(p => p.Properties).Aggregate(lab, (known, property) => known.With(property));
            return plugins.SelectMany(p => p.Concerns).Aggregate(lab, (known, concern) => known.With(concern));
        }
        catch (Exception e) when (e is not (InputException or OutOfMemoryException))
        {
            throw new InputException("--plugin " + string.Join(", ", plugins.Select(p => p.Path)),
                PluginFault.Describe(e));
        }
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>The arguments about plugins.</summary>
internal sealed class PluginRequest(Arguments args)
{
    public IReadOnlyList<string> Paths { get; } = args.Repeated(
        "--plugin",
        "PATH",
        "Encodings, workloads, properties or concerns from a .cs, .csproj or .dll, or a folder of them; may be "
            + "repeated (docs/plugins.md).");

    private int Seconds { get; } = args.Number(
        "--plugin-seconds", "N", "Give up on a plugin that makes no progress for so long.", 60, 1, 100_000);

    private int MemoryMiB { get; } = args.Number(
        "--plugin-memory", "MIB", "Memory that a plugin's process may take.", 4_096, 64, 1 << 20);

    public PluginLimits Limits => new(Seconds, MemoryMiB);

    /// <summary>The same as words of a command line.</summary>
    public IReadOnlyList<string> Words =>
    [
        .. Paths.SelectMany(p => new[] { "--plugin", p }), "--plugin-seconds", Text(Seconds), "--plugin-memory",
            Text(MemoryMiB),
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
