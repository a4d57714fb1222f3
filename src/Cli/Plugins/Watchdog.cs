using System.Diagnostics;

namespace UapiLab.Cli.Plugins;

/// <summary>In a worker: says that it is there, and ends it when its plugin does not get on.</summary>
internal sealed class Watchdog
{
    /// <summary>More than a run is given that is to end by itself, with its line.</summary>
    private const int GraceOfServers = 5;

    private readonly WorkerSide _side;
    private readonly int _seconds;
    private string _doing = "starting";
    private Action? _again;
    private long _lastBeat = Stopwatch.GetTimestamp();
    private long _allocatedThen;
    private bool _isResting;
    private bool _isDone;

    public Watchdog(WorkerSide side)
    {
        this._side = side;
        _seconds = side.Task.Limits.Seconds;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        // A timer would need a thread of the pool, which a plugin can keep.
        new Thread(Look) { IsBackground = true }.Start();
    }

    /// <summary>It gets on.</summary>
    /// <param name="doing">With what.</param>
    /// <param name="alone">Something like it on one thread, for finding out where it is stuck.</param>
    public void Beat(string doing, Action? alone = null)
    {
        _doing = doing;
        _again = alone;
        Volatile.Write(ref _allocatedThen, GC.GetTotalAllocatedBytes());
        Volatile.Write(ref _lastBeat, Stopwatch.GetTimestamp());
        Volatile.Write(ref _isResting, false);
    }

    /// <summary>It waits for a question.</summary>
    public void Rest() => Volatile.Write(ref _isResting, true);

    /// <summary>The command has come to its end, so that what follows is not the plugin's doing.</summary>
    public void Done() => _isDone = true;

    /// <summary>What went wrong, and at what.</summary>
    public void Report(string what)
    {
        _isDone = true;
        _side.Send(FrameKind.End, 0, _doing.Length > 0 ? $"{what}, while {_doing}" : what);
    }

    private void Look()
    {
        for (var look = 0; ; look++)
        {
            Thread.Sleep(100);
            if (look % 5 == 0)
            {
                _side.Send(FrameKind.Alive, 0, "");
            }

            var most = _seconds + (_side.Task.Serves is null ? 0 : GraceOfServers);
            if (!Volatile.Read(ref _isResting) && !_isDone
                && Stopwatch.GetElapsedTime(Volatile.Read(ref _lastBeat)).TotalSeconds > most)
            {
                var guess = Stoppable.Guess(Volatile.Read(ref _allocatedThen));
                var at = _doing.Length > 0 ? " while " + _doing : "";
                var story = Invariant($"made no progress for {_seconds} s{at}: ");
                // Looking for the place runs the plugin once more and stops it by force, which can take the process
                // down.
                _side.Send(FrameKind.Suspicion, 0, story + guess);
                var place = _again is null ? null : Stoppable.Run(_again, TimeSpan.FromSeconds(2));
                _side.Send(FrameKind.End, 0, story + (place ?? guess));
                ProcessGroup.EndOwn();
            }
        }
    }

    /// <summary>Whoever leaves while the command is at work is not the command.</summary>
    private void OnProcessExit(object? sender, EventArgs e)
    {
        if (!_isDone)
        {
            _side.Send(FrameKind.End, 0,
                $"ended its process (Environment.Exit){(_doing.Length > 0 ? " while " + _doing : "")}");
        }
    }
}
