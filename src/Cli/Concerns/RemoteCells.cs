using UapiLab.Abstractions;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Lab.Concerns;

namespace UapiLab.Cli.Concerns;

/// <summary>Cells in which a plugin's code has a part, decided in workers: what was decided until one dies stands, and
/// the other rows never notice.</summary>
/// <param name="task">What the workers have in common.</param>
/// <param name="sanitiser">With which a cell about code in C is decided a second time; null: there is none.</param>
/// <param name="plugins">Paths of the plugins.</param>
/// <param name="prints">What plugins print.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class RemoteCells(WorkerTask task, string? sanitiser, IReadOnlyList<string> plugins,
    PluginPrints prints, CancellationToken cancellation)
{
    private readonly Lock _one = new();
    private int _failures;

    /// <summary>Whether a process ended before it was done.</summary>
    public bool HasFailed => _failures > 0;

    /// <summary>Paths of the plugins.</summary>
    public IReadOnlyList<string> Plugins => plugins;

    /// <summary>The cells of an encoding.</summary>
    public RemoteRow Row(Encoding encoding) => new(this, encoding);

    /// <summary>Whether a cell about this code is decided twice.</summary>
    public bool Watches(CodeOf? code) => sanitiser is not null && code?.IsInC == true;

    /// <param name="encoding">Full name of the encoding.</param>
    /// <param name="sanitised">With the sanitiser.</param>
    /// <param name="who">Whose prints.</param>
    /// <param name="codes">What it needs of plugins.</param>
    public PluginWorker Start(string encoding, bool sanitised, string who, params IEnumerable<CodeOf?> codes) => new(
        task with
        {
            Serves = encoding,
            Parts = [.. codes.OfType<CodeOf>().Select(c => c.Part)],
            Sanitiser = sanitised ? sanitiser : null,
        }, prints.For(who));

    /// <summary>Two answers about code in C, which must agree.</summary>
    /// <returns>The first if they do.</returns>
    public static ConcernCell Agreed(ConcernCell cell, ConcernCell watched) =>
        ConcernsJson.Write(cell) == ConcernsJson.Write(watched) ? cell
            : cell with
            {
                Verdict = ConcernVerdict.NotDecided,
                Summary = "decided otherwise where the code is built with AddressSanitizer and locals begin with other "
                    + "values",
            };

    /// <returns>The cell, and whether it was decided.</returns>
    public (ConcernCell Cell, bool IsDecided) Ask(PluginWorker worker, string encoding, IConcern concern)
    {
        Reply<string> reply;
        // One at a time: each has all the threads.
        lock (_one)
        {
            reply = worker.Ask<string, string>(concern.Id, cancellation);
        }

        if (reply.Answer is { } answer && ConcernsJson.Read(System.Text.Encoding.UTF8.GetBytes(answer)) is { } cell)
        {
            return (cell, true);
        }

        Interlocked.Add(ref _failures, cancellation.IsCancellationRequested ? 0 : 1);
        var end = reply.End ?? "its process sent what is no cell";
        return (new(concern.Id, encoding, ConcernVerdict.NotDecided, "its process ended: " + end,
            [new(end, $"concerns {encoding} {concern.Id} --explain")]), false);
    }
}

/// <summary>The cells of one encoding. Those that go down together are asked of one worker: the concerns of the thread
/// where the encoding is a plugin's; each concern of a plugin has one of its own.</summary>
internal sealed class RemoteRow(RemoteCells cells, Encoding encoding) : IDisposable
{
    private readonly CodeOf? _code = DescribedEncoding.CodeOf(encoding);
    private readonly string _name = encoding.Description.FullName;
    private PluginWorker? _worker;
    private PluginWorker? _watched;

    /// <summary>Whether a plugin's code has a part in it.</summary>
    public bool Takes(IConcern concern) => _code is not null || concern is DescribedConcern;

    /// <returns>The cell, and whether it was decided.</returns>
    public (ConcernCell Cell, bool IsDecided) Decide(IConcern concern)
    {
        if (concern is not DescribedConcern brought)
        {
            if (!cells.Watches(_code))
            {
                return Plain(concern);
            }

            var watched = cells.Ask(_watched ??= cells.Start(_name, sanitised: true, _name, _code), _name, concern);
            if (!watched.IsDecided)
            {
                return watched;
            }

            var plain = Plain(concern);
            return plain.IsDecided ? (RemoteCells.Agreed(plain.Cell, watched.Cell), true) : plain;
        }

        using var worker = cells.Start(_name, sanitised: false, $"{_name} {concern.Id}", _code, brought.Code);
        return cells.Ask(worker, _name, concern);
    }

    public void Dispose()
    {
        _worker?.Dispose();
        _watched?.Dispose();
    }

    private (ConcernCell Cell, bool IsDecided) Plain(IConcern concern) =>
        cells.Ask(_worker ??= cells.Start(_name, sanitised: false, _name, _code), _name, concern);
}
