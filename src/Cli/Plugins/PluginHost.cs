using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using UapiLab.Abstractions;
using UapiLab.Cli.Commands;
using UapiLab.Cli.Compare;
using UapiLab.Cli.Concerns;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Registry;
using UapiLab.Plugins;
using UapiLab.Plugins.C;

namespace UapiLab.Cli.Plugins;

/// <summary>
/// The option <c>--plugin</c> of a command, and where its code runs: not in the process that the user started, but in
/// workers, which may die. That process has what plugins say of themselves as data. Nothing of the loader is touched
/// without a plugin; the compiler alone would double the time of <c>list</c>.
/// </summary>
internal sealed class PluginHost(Terminal terminal, LabCatalog builtIn, IReadOnlyList<string> args, WorkerSide? worker)
{
    private const string Builds = "artifacts/plugins";

    /// <summary>What is built in.</summary>
    public LabCatalog BuiltIn => builtIn;

    /// <summary>Declares the arguments about plugins.</summary>
    public static void AddTo(Command command) => _ = new PluginRequest(new(command));

    /// <summary>Tells whoever watches this process that it gets on.</summary>
    public void Heartbeat(string doing) => worker?.Watchdog.Beat(doing);

    /// <summary>Tells it of something that has to get on by itself, and how to do the like on one thread; null if
    /// nobody watches.</summary>
    public Watchdog.Part? Part(string doing, Action alone) => worker?.Watchdog.Begin(doing, alone);

    /// <summary>Runs a command: here if there is no plugin or this is the process for it, else in such a
    /// process.</summary>
    public int Forward(ParseResult result, Func<LabCatalog, int> command, CancellationToken cancellation)
    {
        var asked = Asked(result);
        if (asked.Paths.Count == 0)
        {
            return command(builtIn);
        }

        if (worker is not null)
        {
            return InWorker(result, asked, command);
        }

        PluginFiles.Compile(asked.Paths, Builds, cancellation, warned: terminal.Error.WriteLine);
        return result.CommandResult.Command.Name == "check" && PluginFiles.CIn(asked.Paths) is { } file
            ? new TwoVerdicts(terminal, file, Taken).Take(new(args, asked.Limits), Sanitiser(asked), cancellation)
            : Taken(new(args, asked.Limits), terminal);

        int Taken(WorkerTask task, Terminal to)
        {
            using var away = new PluginWorker(task, to.Error);
            var (exit, end, _) = away.Do(to, cancellation);
            return end is null ? exit : Died(end, cancellation, to: to);
        }
    }

    /// <summary>A comparison: runs of a plugin's encodings are done elsewhere, one by one, and the rest here.</summary>
    public int Compare(ParseResult result, CompareRequest request, CancellationToken cancellation)
    {
        var asked = Asked(result);
        if (asked.Paths.Count == 0)
        {
            return CompareJob.Run(terminal, builtIn, request, cancellation);
        }

        request.Plugins = asked.Paths;
        if (worker is not null)
        {
            return InWorker(result, asked, lab => RunServer.Serve(worker, lab, request));
        }

        if (Described(asked, cancellation, out var plugins) is var exit and not ExitCode.Fine)
        {
            return exit;
        }

        var notes =
            plugins.SelectMany(
                p => p.Families.Select(f => KeyValuePair.Create(f.Id,
                $"From a plugin: {p.Path}, SHA-256 {p.Sha256}.")));
        using var prints = new PluginPrints(terminal.Error);
        using var remote = new PluginRuns(plugins, Task(args, asked, plugins), Sanitiser(asked), prints, cancellation);
        request.PluginNotes = notes.ToDictionary();
        request.Remote = remote;
        return CompareJob.Run(terminal, With(plugins), request, cancellation);
    }

    /// <summary>Concerns: what a plugin's code has a part in is decided elsewhere, a row at a time, and the rest
    /// here.</summary>
    public int Concerns(ParseResult result, Func<LabCatalog, ConcernsRequest> requested,
        CancellationToken cancellation)
    {
        var asked = Asked(result);
        if (asked.Paths.Count == 0)
        {
            return ConcernsJob.Run(terminal, builtIn, requested(builtIn), null, cancellation);
        }

        if (worker is not null)
        {
            return InWorker(result, asked, lab => ConcernsJob.Serve(worker, lab, requested(lab), cancellation));
        }

        if (Described(asked, cancellation, out var plugins) is var exit and not ExitCode.Fine)
        {
            return exit;
        }

        var lab = With(plugins);
        var request = requested(lab);
        using var prints = new PluginPrints(terminal.Error);
        var elsewhere = new RemoteCells(Task(["concerns", .. request.Words, .. asked.Words], asked, plugins),
            Sanitiser(asked), asked.Paths, prints, cancellation);
        return ConcernsJob.Run(terminal, lab, request, elsewhere, cancellation);
    }

    /// <summary>In a worker: says what plugins bring, path by path.</summary>
    public int ServeDescriptions(ParseResult result) =>
        Guarded(Asked(result), () => worker!.Serve<string, string[]>(path => "loading " + path, path =>
        {
            var plugins = PluginFiles.Load([path], Builds);
            return Told([path], () => plugins.Select(plugin => DescribedPlugin.Of(plugin).Write()).ToArray());
        }));

    /// <summary>AddressSanitizer for what is in C, which is then built with it; null if it cannot be, or nothing
    /// is.</summary>
    private string? Sanitiser(PluginRequest asked)
    {
        if (PluginFiles.CIn(asked.Paths) is not { } file)
        {
            return null;
        }

        if (CSource.Sanitiser(file) is not { } library)
        {
            terminal.Error.WriteLine($"uapilab: {file}: the compiler has no AddressSanitizer (gcc brings it, clang has "
                + "it in libclang-rt-dev), so what the code does to memory is not watched");
            return null;
        }

        PluginFiles.Compile(asked.Paths, Builds, sanitised: true);
        return library;
    }

    private static PluginRequest Asked(ParseResult result) => new(new(result.CommandResult.Command, result));

    /// <summary>What plugins say of themselves, asked in a process for each path.</summary>
    private int Described(PluginRequest asked, CancellationToken cancellation, out List<DescribedPlugin> plugins)
    {
        PluginFiles.Compile(asked.Paths, Builds, cancellation, warned: terminal.Error.WriteLine);
        plugins = [];
        foreach (var path in asked.Paths)
        {
            using var away = new PluginWorker(
                new([LoadCommand.Word, .. asked.Words], asked.Limits) { Serves = path }, terminal.Error);
            var (answer, end, exit) = away.Ask<string, string[]>(path, cancellation);
            if (answer is null)
            {
                return exit is null ? Died(end!, cancellation, ExitCode.BadInput) : Said(end!, exit.Value);
            }

            try
            {
                plugins.AddRange(answer.Select(DescribedPlugin.Read));
            }
            catch (JsonException e)
            {
                throw new InputException("--plugin " + path, "does not say what it is: " + e.Message);
            }
        }

        return ExitCode.Fine;
    }

    private int Said(string text, int exit, Terminal? to = null)
    {
        (to ?? terminal).Error.WriteLine(text);
        return exit;
    }

    private int Died(string end, CancellationToken cancellation, int exit = ExitCode.Violation, Terminal? to = null) =>
        cancellation.IsCancellationRequested ? Said("uapilab: interrupted", ExitCode.Undecided, to)
            : Said($"uapilab: plugin: {end}", exit, to);

    private int InWorker(ParseResult result, PluginRequest asked, Func<LabCatalog, int> command) =>
        Guarded(asked, () =>
        {
            var (parts, paths) = (worker!.Task.Parts, asked.Paths);
            Heartbeat("loading " + string.Join(", ", parts?.Select(p => p.Path).Distinct() ?? paths));
            var plugins = parts is null ? PluginFiles.Load(paths, Builds, worker.Task.Sanitiser is not null)
                : [.. parts.GroupBy(p => p.Path).Select(p => PluginFiles.Load(p.Key, Builds,
                    [.. p.Select(c => c.Class)], worker.Task.Sanitiser is not null))];
            var all = Told(paths, () => With(
                new([.. builtIn.Encodings.Families, .. plugins.SelectMany(p => p.Families)]),
                [.. worker.Task.Workloads, .. plugins.SelectMany(p => p.Workloads)],
                plugins.SelectMany(p => p.Properties),
                plugins.SelectMany(p => p.Concerns)));
            Heartbeat(worker.Task.Serves is null ? "at " + result.CommandResult.Command.Name : "");
            return command(all);
        });

    /// <summary>Whatever a plugin's code does to this process is how it ended.</summary>
    private int Guarded(PluginRequest asked, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (OutOfMemoryException)
        {
            worker!.Watchdog.Report(
                Invariant($"out of memory: more than {asked.Limits.MemoryMiB} MiB (--plugin-memory)"));
        }
        catch (Exception e) when (e is not (InputException or PluginSourceException or OperationCanceledException))
        {
            // A half that answers differently each time leads a search anywhere, also out of what it can follow.
            worker!.Watchdog.Report(PluginFault.Describe(e)
                + (PluginFiles.IsRefusal(e) ? "" : "; is it deterministic?"));
        }

        return ExitCode.Violation;
    }

    /// <summary>Whatever a plugin does while it is described is told as that, not as an error of the lab.</summary>
    private static T Told<T>(IEnumerable<string> paths, Func<T> describe)
    {
        try
        {
            return describe();
        }
        catch (Exception e) when (e is not (InputException or OutOfMemoryException))
        {
            throw new InputException("--plugin " + string.Join(", ", paths), PluginFault.Describe(e));
        }
    }

    private LabCatalog With(IReadOnlyList<DescribedPlugin> plugins) => With(
        builtIn.Encodings.With(plugins.SelectMany(p => p.Families)),
        plugins.SelectMany(p => p.Workloads),
        plugins.SelectMany(p => p.Properties),
        plugins.SelectMany(p => p.Concerns));

    private static LabCatalog With(EncodingRegistry encodings, IEnumerable<IWorkload> workloads,
        IEnumerable<IProperty> properties, IEnumerable<IConcern> concerns)
    {
        var lab = new LabCatalog(encodings);
        lab = workloads.Aggregate(lab, (known, workload) => known.With(workload));
        lab = properties.Aggregate(lab, (known, property) => known.With(property));
        return concerns.Aggregate(lab, (known, concern) => known.With(concern));
    }

    /// <summary>What all workers have in common that answer questions.</summary>
    private static WorkerTask Task(IReadOnlyList<string> words, PluginRequest asked,
        IEnumerable<DescribedPlugin> plugins) =>
        new(words, asked.Limits) { Workloads = [.. plugins.SelectMany(p => p.Workloads)] };
}

/// <summary>The arguments about plugins.</summary>
internal sealed class PluginRequest(Arguments args)
{
    public IReadOnlyList<string> Paths { get; } = args.Repeated(
        "--plugin",
        "PATH",
        "Encodings, workloads, properties or concerns from a .cs, .c, .csproj or .dll, or a folder of them; "
            + "may be repeated (docs/plugins.md).");

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
