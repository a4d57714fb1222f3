using System.Diagnostics;

namespace UapiLab.Cli.Plugins;

/// <summary>In a worker: ends it when it is stuck or nobody wants its answer any more, and leaves word of how it
/// ended.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly int _seconds;
    private readonly bool _isServer;
    private readonly Timer _timer;
    private long _lastBeat = Stopwatch.GetTimestamp();
    private string _doing = "";
    private Action? _again;
    private bool _isDone;

    public Watchdog(int seconds, bool isServer)
    {
        this._seconds = seconds;
        this._isServer = isServer;
        _timer = new Timer(_ => Look(), null, 100, 100);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        if (!isServer)
        {
            new Thread(EndWithParent) { IsBackground = true }.Start();
        }
    }

    /// <param name="what">What is being done.</param>
    /// <param name="alone">Something like it on one thread, for finding out where it is stuck.</param>
    public void Beat(string what, Action? alone = null)
    {
        _doing = what;
        _again = alone;
        Volatile.Write(ref _lastBeat, Stopwatch.GetTimestamp());
    }

    /// <summary>The command has come to its end, so that what follows is not the plugin's doing.</summary>
    public void Done()
    {
        _isDone = true;
        WorkerExitReport.Say(WorkerExitReport.Done);
    }

    /// <summary>What went wrong, and at what.</summary>
    public void Report(string what)
    {
        _isDone = true;
        WorkerExitReport.Say($"{what}, while {_doing}");
    }

    public void Dispose()
    {
        _timer.Dispose();
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
    }

    private void Look()
    {
        // A server is watched by whoever asked it, run by run.
        if (!_isServer && Stopwatch.GetElapsedTime(Volatile.Read(ref _lastBeat)).TotalSeconds > _seconds)
        {
            _timer.Change(Timeout.Infinite, Timeout.Infinite);
            var place = _again is null ? null : Stoppable.Run(_again, TimeSpan.FromSeconds(2));
            WorkerExitReport.Say(
                Invariant($"made no progress for {_seconds} s while {_doing}: {place ?? "an endless loop?"}"));
            Process.GetCurrentProcess().Kill();
        }
    }

    /// <summary>Whoever leaves while the command is at work is not the command.</summary>
    private void OnProcessExit(object? sender, EventArgs e)
    {
        if (!_isDone)
        {
            WorkerExitReport.Say(
                $"ended its process (Environment.Exit){(_doing.Length > 0 ? " while " + _doing : "")}");
        }
    }

    private static void EndWithParent()
    {
        while (Console.In.Read() >= 0)
        {
        }

        Process.GetCurrentProcess().Kill();
    }
}
