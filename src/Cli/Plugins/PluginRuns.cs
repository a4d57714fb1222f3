using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using UapiLab.Abstractions;
using UapiLab.Harness.Comparisons;

namespace UapiLab.Cli.Plugins;

/// <summary>Runs of a plugin's encodings: one worker for each encoding, started when it is first asked for.</summary>
internal sealed class PluginRuns(IReadOnlyCollection<string> ids, IReadOnlyList<string> args, PluginLimits limits)
    : IRemoteRuns, IDisposable
{
    private readonly ConcurrentDictionary<string, RunClient> _clients = [];

    public bool Takes(Encoding encoding) => ids.Contains(encoding.Description.Id);

    public RemoteOutcome Run(RunOrder order) =>
        _clients.GetOrAdd(order.Encoding, name => new([WorkerRole.RunsWord, name, .. args], limits)).Run(order);

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }
}

/// <summary>One worker that runs one encoding. When it dies or does not answer, that is the answer to this run and to
/// all that follow: it would happen again, and cost its time again.</summary>
internal sealed class RunClient : IDisposable
{
    private const int SecondsToStart = 60;

    private readonly PluginLimits _limits;
    private readonly Process _process;
    private readonly WorkerExitReport _last = new();
    private readonly Task _errors;
    private string _death = "";

    public RunClient(IEnumerable<string> words, PluginLimits limits)
    {
        this._limits = limits;
        _process = Process.Start(WorkerProcess.Start(words, limits))!;
        _errors = Task.Run(() =>
        {
            while (_process.StandardError.ReadLine() is { } line)
            {
                _last.Takes(line);
            }
        });
    }

    public RemoteOutcome Run(RunOrder order)
    {
        if (_death.Length > 0)
        {
            return new(null, _death);
        }

        if (Ask(JsonSerializer.Serialize(order)) is { } line)
        {
            var answer = JsonSerializer.Deserialize<RemoteOutcome>(line)!;
            _death = answer.IsStuck ? Told(answer.Defect, order) : "";
            return _death.Length > 0 ? new(null, _death) : answer with { Defect = Plain(answer.Defect) };
        }

        _death = Told(Tell(), order);
        return new(null, _death);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>As reports can hold it: in ASCII, and without what separates the cells of a table.</summary>
    private static string Plain(string text) =>
        string.Concat(text.Select(c => c is '|' ? '/' : char.IsBetween(c, ' ', '~') ? c : '?'));

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
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
            var answer = _process.StandardOutput.ReadLineAsync();
            // The worker stops a run itself, twice where it runs it twice; this is for one that cannot even do that.
            return answer.Wait(TimeSpan.FromSeconds(SecondsToStart + (3 * _limits.Seconds))) ? answer.Result : null;
        }
        catch (Exception e) when (e is IOException or AggregateException or InvalidOperationException)
        {
            return null;
        }
    }

    private string Tell()
    {
        if (!_process.WaitForExit(1_000))
        {
            _process.Kill();
            _process.WaitForExit();
            return Invariant($"no answer after {SecondsToStart + (3 * _limits.Seconds)} s");
        }

        _errors.Wait();
        return _last.Describe(_process.ExitCode, _limits);
    }
}
