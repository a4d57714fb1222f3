using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using UapiLab.Abstractions;
using UapiLab.Harness.Comparisons;

namespace UapiLab.Cli.Plugins;

/// <summary>Runs of a plugin's encodings: one worker for each encoding, started when it is first asked for.</summary>
internal sealed class PluginRuns(IReadOnlyCollection<string> ids, IReadOnlyList<string> args, PluginLimits limits) : IRemoteRuns, IDisposable
{
    private readonly ConcurrentDictionary<string, RunClient> clients = [];

    public bool Takes(Encoding encoding) => ids.Contains(encoding.Description.Id);

    public RemoteOutcome Run(RunOrder order) =>
        clients.GetOrAdd(order.Encoding, name => new([WorkerRole.RunsWord, name, .. args], limits)).Run(order);

    public void Dispose()
    {
        foreach (var client in clients.Values)
        {
            client.Dispose();
        }
    }
}

/// <summary>One worker that runs one encoding. When it dies or does not answer, that is the answer to this run and to all
/// that follow: it would happen again, and cost its time again.</summary>
internal sealed class RunClient : IDisposable
{
    private const int SecondsToStart = 60;

    private readonly PluginLimits limits;
    private readonly Process process;
    private readonly LastWords last = new();
    private readonly Task errors;
    private string death = "";

    public RunClient(IEnumerable<string> words, PluginLimits limits)
    {
        this.limits = limits;
        process = Process.Start(WorkerProcess.Start(words, limits))!;
        errors = Task.Run(() =>
        {
            while (process.StandardError.ReadLine() is { } line)
            {
                last.Takes(line);
            }
        });
    }

    public RemoteOutcome Run(RunOrder order)
    {
        if (death.Length > 0)
        {
            return new(null, death);
        }

        if (Ask(JsonSerializer.Serialize(order)) is { } line)
        {
            var answer = JsonSerializer.Deserialize<RemoteOutcome>(line)!;
            death = answer.IsStuck ? Told(answer.Defect, order) : "";
            return death.Length > 0 ? new(null, death) : answer with { Defect = Plain(answer.Defect) };
        }

        death = Told(Tell(), order);
        return new(null, death);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }

    /// <summary>As reports can hold it: in ASCII, and without what separates the cells of a table.</summary>
    private static string Plain(string text) => string.Concat(text.Select(c => c is '|' ? '/' : char.IsBetween(c, ' ', '~') ? c : '?'));

    private static string Told(string what, RunOrder order)
    {
        var workload = order.Workload.ToString().Replace('|', ' ');
        return Plain(Invariant($"{what}, on {workload}, seed {order.Seed}; not run again"));
    }

    /// <returns>Null if there is no answer.</returns>
    private string? Ask(string line)
    {
        try
        {
            process.StandardInput.WriteLine(line);
            process.StandardInput.Flush();
            var answer = process.StandardOutput.ReadLineAsync();
            // The worker stops a run itself, twice where it runs it twice; this is for one that cannot even do that.
            return answer.Wait(TimeSpan.FromSeconds(SecondsToStart + (3 * limits.Seconds))) ? answer.Result : null;
        }
        catch (Exception e) when (e is IOException or AggregateException or InvalidOperationException)
        {
            return null;
        }
    }

    private string Tell()
    {
        if (!process.WaitForExit(1_000))
        {
            process.Kill();
            process.WaitForExit();
            return Invariant($"no answer after {SecondsToStart + (3 * limits.Seconds)} s");
        }

        errors.Wait();
        return last.Tell(process.ExitCode, limits);
    }
}
