using UapiLab.Abstractions;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Lab.Concerns;

namespace UapiLab.Cli.Concerns;

/// <summary>Cells in which a plugin's code has a part, decided in a process that may die: what it decided until then is
/// kept, and the other rows never notice.</summary>
/// <param name="families">Encodings of plugins.</param>
/// <param name="asked">The plugins and their limits.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class RemoteCells(IReadOnlyCollection<string> families, PluginRequest asked,
    CancellationToken cancellation)
{
    private readonly Lock _one = new();
    private int _failures;

    /// <summary>Whether a process ended before it was done.</summary>
    public bool HasFailed => _failures > 0;

    /// <summary>Paths of the plugins.</summary>
    public IReadOnlyList<string> Plugins => asked.Paths;

    /// <summary>Cells of a row that are not decided in this process, those together that go down together: where the
    /// encoding is a plugin's, the concerns of the thread; each concern of a plugin alone.</summary>
    public IEnumerable<IReadOnlyList<IConcern>> Groups(Encoding encoding, IReadOnlyList<IConcern> concerns)
    {
        IConcern[] ours = [.. concerns.Where(c => c is Concern)];
        IEnumerable<IReadOnlyList<IConcern>> brought = [.. concerns.Except(ours).Select(c => (IConcern[])[c])];
        return families.Contains(encoding.Description.Id) && ours.Length > 0 ? [ours, .. brought] : brought;
    }

    /// <summary>Decides and keeps cells of one row.</summary>
    /// <returns>How the process ended if not by itself.</returns>
    public string? Decide(Encoding encoding, IEnumerable<IConcern> concerns, ConcernsRequest request)
    {
        string[] line =
        [
            WorkerRole.Word, "concerns", encoding.Description.FullName, .. concerns.Select(c => c.Id), "--seed",
                Invariant($"{request.Seed}"),
            "--threads", Invariant($"{request.Threads}"), "--out", request.Directory, .. asked.Words,
        ];
        using var errors = new StringWriter();
        (int Exit, string? End) watched;
        lock (_one)
        {
            // One at a time: each has all the threads, and writes a matrix of its own to the same place before this
            // process does.
            watched = Supervisor.Watch(TextWriter.Null, errors, line, asked.Limits, cancellation);
        }

        var (exit, end) = watched;
        var why = end ?? (exit is ExitCode.Fine or ExitCode.Undecided ? null : errors.ToString().Trim());
        Interlocked.Add(ref _failures, why is null || cancellation.IsCancellationRequested ? 0 : 1);
        return why;
    }

    public static ConcernCell Undecided(Encoding encoding, IConcern concern, string end) => new(
        concern.Id, encoding.Description.FullName, ConcernVerdict.NotDecided, "its process ended: " + end,
            [new(end, $"concerns {encoding.Description.FullName} {concern.Id} --explain")]);
}
