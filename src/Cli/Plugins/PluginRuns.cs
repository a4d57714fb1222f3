using System.Collections.Concurrent;
using System.Text.Json;
using UapiLab.Abstractions;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Plugins;

/// <summary>Runs of a plugin's encodings: one worker for each encoding, started when it is first asked for. When it
/// dies or does not answer, that is the answer to this run and to all that follow: it would happen again, and cost its
/// time again.</summary>
internal sealed class PluginRuns(IReadOnlyCollection<DescribedPlugin> plugins, WorkerTask task, string? sanitiser,
    PluginPrints prints, CancellationToken cancellation) : IRemoteRuns, IDisposable
{
    private readonly Dictionary<string, CodeOf> _codes =
        plugins.SelectMany(p => p.Families).ToDictionary(f => f.Id, f => f.Code);

    private readonly ConcurrentDictionary<(string Encoding, bool Sanitised), PluginWorker> _workers = [];
    private readonly ConcurrentDictionary<(string Encoding, VariationKey Workload), bool> _watched = [];
    private readonly ConcurrentDictionary<string, string> _deaths = [];

    public bool Takes(Encoding encoding) => DescribedEncoding.CodeOf(encoding) is not null;

    public RemoteOutcome Run(RunOrder order)
    {
        if (_deaths.TryGetValue(order.Encoding, out var death))
        {
            return new(null, death);
        }

        // The first run on a workload is done with the sanitiser as well, where the code is in C.
        if (sanitiser is not null && CodeOf(order).IsInC && _watched.TryAdd((order.Encoding, order.Workload), true))
        {
            var watched = Ask(order, sanitised: true);
            return watched.Result is null ? watched
                : Ask(order, sanitised: false) is var plain
                    && JsonSerializer.Serialize(plain) == JsonSerializer.Serialize(watched) ? plain
                : new(null, "another result where it is built with AddressSanitizer and locals begin with "
                    + "other values");
        }

        return Ask(order, sanitised: false);
    }

    private RemoteOutcome Ask(RunOrder order, bool sanitised)
    {
        var worker = _workers.GetOrAdd((order.Encoding, sanitised), key => new(task with
        {
            Serves = key.Encoding,
            Parts = [CodeOf(order).Part],
            Sanitiser = sanitised ? sanitiser : null,
        }, prints.For(key.Encoding)));
        using var interruption = cancellation.Register(worker.Kill);
        var (answer, end, _) = worker.Ask<RunOrder, RemoteOutcome>(order);
        cancellation.ThrowIfCancellationRequested();
        return answer is { IsStuck: false } ? answer with { Defect = Plain(answer.Defect) }
            : new(null, _deaths[order.Encoding] = Told(end ?? answer!.Defect, order));
    }

    private CodeOf CodeOf(RunOrder order) => _codes[order.Encoding.Split(':')[0]];

    public void Dispose()
    {
        foreach (var worker in _workers.Values)
        {
            worker.Dispose();
        }
    }

    /// <summary>As reports can hold it: in ASCII, and without what separates the cells of a table.</summary>
    private static string Plain(string text) => CleanText.Ascii(text).Replace('|', '/');

    private static string Told(string what, RunOrder order)
    {
        var workload = order.Workload.ToString().Replace('|', ' ');
        return Plain(Invariant($"{what}, on {workload}, seed {order.Seed}; not run again"));
    }
}
