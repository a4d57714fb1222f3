using System.Diagnostics;

namespace UapiLab.Cli.Plugins;

/// <summary>In a worker: says that it is there, and ends it when its plugin does not get on.</summary>
internal sealed class Watchdog
{
    /// <summary>More than a run is given that is to end by itself, with its line.</summary>
    private const int GraceOfServers = 5;

    private readonly WorkerSide _side;
    private readonly int _seconds;
    private readonly Lock _gate = new();
    private readonly List<Part> _parts = [];
    private readonly Part _whole;
    private bool _isResting;
    private bool _isDone;

    public Watchdog(WorkerSide side)
    {
        this._side = side;
        _seconds = side.Task.Limits.Seconds;
        _whole = new(this, "starting", null);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        // A timer would need a thread of the pool, which a plugin can keep.
        new Thread(Look) { IsBackground = true }.Start();
    }

    /// <summary>It gets on.</summary>
    /// <param name="doing">With what.</param>
    public void Beat(string doing)
    {
        _whole.Doing = doing;
        _whole.Beat();
        Volatile.Write(ref _isResting, false);
    }

    /// <summary>Something is begun that has to get on by itself, whatever is done beside it.</summary>
    /// <param name="doing">What.</param>
    /// <param name="alone">Something like it on one thread, for finding out where it is stuck.</param>
    public Part Begin(string doing, Action alone)
    {
        var part = new Part(this, doing, alone);
        lock (_gate)
        {
            _parts.Add(part);
        }

        return part;
    }

    /// <summary>It waits for a question.</summary>
    public void Rest() => Volatile.Write(ref _isResting, true);

    /// <summary>The command has come to its end, so that what follows is not the plugin's doing.</summary>
    public void Done() => _isDone = true;

    /// <summary>What went wrong, and at what.</summary>
    public void Report(string what)
    {
        _isDone = true;
        _side.Send(FrameKind.End, 0, what + Slowest.Of(", while "));
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
            var slowest = Slowest;
            if (!Volatile.Read(ref _isResting) && !_isDone && slowest.SinceBeat.TotalSeconds > most)
            {
                var guess = Stoppable.Guess(slowest.AllocatedThen);
                var story = Invariant($"made no progress for {_seconds} s{slowest.Of(" while ")}: ");
                // Looking for the place runs the plugin once more and stops it by force, which can take the process
                // down.
                _side.Send(FrameKind.Suspicion, 0, story + guess);
                var place = slowest.Alone is null ? null : Stoppable.Run(slowest.Alone, TimeSpan.FromSeconds(2));
                _side.Send(FrameKind.End, 0, story + (place ?? guess));
                ProcessGroup.EndOwn();
            }
        }
    }

    /// <summary>What has said nothing for longest.</summary>
    private Part Slowest
    {
        get
        {
            lock (_gate)
            {
                return _parts.MaxBy(p => p.SinceBeat) ?? _whole;
            }
        }
    }

    /// <summary>Whoever leaves while the command is at work is not the command.</summary>
    private void OnProcessExit(object? sender, EventArgs e)
    {
        if (!_isDone)
        {
            _side.Send(FrameKind.End, 0, "ended its process (Environment.Exit)" + Slowest.Of(" while "));
        }
    }

    /// <summary>Something that has to get on.</summary>
    internal sealed class Part(Watchdog watchdog, string doing, Action? alone) : IDisposable
    {
        private long _lastBeat = Stopwatch.GetTimestamp();
        private long _allocatedThen;

        public string Doing { get; set; } = doing;

        public Action? Alone => alone;

        public TimeSpan SinceBeat => Stopwatch.GetElapsedTime(Volatile.Read(ref _lastBeat));

        public long AllocatedThen => Volatile.Read(ref _allocatedThen);

        /// <summary>It gets on.</summary>
        public void Beat()
        {
            Volatile.Write(ref _allocatedThen, GC.GetTotalAllocatedBytes());
            Volatile.Write(ref _lastBeat, Stopwatch.GetTimestamp());
        }

        /// <summary>What is done, behind some words; nothing if nobody said.</summary>
        public string Of(string words) => Doing.Length > 0 ? words + Doing : "";

        /// <summary>It is done.</summary>
        public void Dispose()
        {
            lock (watchdog._gate)
            {
                watchdog._parts.Remove(this);
            }

            watchdog._whole.Beat();
        }
    }
}
