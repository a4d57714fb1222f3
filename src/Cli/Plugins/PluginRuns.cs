using System.Collections.Concurrent;
using UapiLab.Abstractions;
using UapiLab.Harness.Comparisons;

namespace UapiLab.Cli.Plugins;

/// <summary>Runs of a plugin's encodings: one worker for each encoding, started when it is first asked for.</summary>
internal sealed class PluginRuns(IReadOnlyCollection<string> ids, IReadOnlyList<string> args, PluginLimits limits) : IRemoteRuns, IDisposable
{
    private readonly ConcurrentDictionary<string, RunClient> clients = [];

    public bool Takes(Encoding encoding) => ids.Contains(encoding.Description.Id);

    public RemoteOutcome Run(RunOrder order) => clients.GetOrAdd(order.Encoding, name => new([WorkerRole.RunsWord, name, .. args], limits)).Run(order);

    public void Dispose()
    {
        foreach (var client in clients.Values)
        {
            client.Dispose();
        }
    }
}
