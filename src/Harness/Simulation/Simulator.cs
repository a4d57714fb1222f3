using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Simulation;

/// <summary>
/// Drives the machine through virtual time: the actor whose clock is lowest steps until it passes the next one's. Costs
/// come from a table, latencies and dispositions from the workload; both are functions of the seed and of what they are
/// for, so every encoding meets the same world.
/// </summary>
public sealed class Simulator : IDriver, IChoices, IDisposable
{
    private readonly Workload _workload;
    private readonly ulong _seed;
    private readonly StepClock _clock = new();
    private readonly ActorQueue _queue;
    private readonly long[] _actorClock;
    private readonly long[] _computeEnd;
    private readonly long[] _deadline;
    private readonly Device _device;
    private readonly Metrics _metrics;
    private readonly bool _freeSignalling;
    private readonly SpinLockLine[] _userfaultfds;
    private readonly HaltPolling _halts;
    private readonly LineOwners _lines = new();
    private Cores? _cores;
    private int _current = -1;

    /// <summary>Prepares one run.</summary>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract while arming.</exception>
    public Simulator(Encoding encoding, Workload workload, CostTable costs, ulong seed)
    {
        this._workload = workload;
        this._seed = seed;
        _freeSignalling = encoding.Description.Traits.HasFlag(EncodingTraits.Omniscient);
        var config = workload.Config;
        _metrics = new Metrics(config.Vcpus * config.TasksPerVcpu, config.Vcpus, _clock);
        _halts = new HaltPolling(config.Vcpus);
        _userfaultfds = [.. Enumerable.Range(0, config.Userfaultfds).Select(_ => new SpinLockLine())];
        _metrics.Paused = true; // arming is set-up
        Machine = new Machine(config, encoding, workload.Program(seed), this, this, _metrics, _clock)
        {
            OwnEvents = encoding.OwnEvents.Count > 0 ? new long[encoding.OwnEvents.Count] : null,
        };
        _metrics.Paused = false;
        _queue = new ActorQueue(Machine.ActorCount);
        _actorClock = new long[Machine.ActorCount];
        _computeEnd = new long[Machine.ActorCount];
        _deadline = Enumerable.Repeat(long.MaxValue, Machine.ActorCount).ToArray();
        _device = new Device(workload, seed, Machine.FetchTable.Capacity);
        costs.Fill(_clock, _freeSignalling);
        for (var actor = 0; actor < Machine.ActorCount; actor++)
        {
            if (Machine.IsRunnable(actor))
            {
                _queue.Set(actor, 0);
            }
        }

        _clock.Steps = 0;
        _metrics.LastProgress = 0;
        Machine.SharedAccesses = 0;
    }

    /// <summary>The machine being driven.</summary>
    internal Machine Machine { get; }

    /// <summary>Micro-steps without a completed guest access after which a run is given up: something waits for an
    /// event that never comes, or faults for ever.</summary>
    public long PatienceSteps { get; init; } = 2_000_000;

    /// <summary>Cores of the host that threads share; 0: each has one of its own.</summary>
    public int Cpus
    {
        init => _cores = value > 0 ? new(value, Machine.ActorCount) : null;
    }

    /// <summary>How long threads that could run have waited for a core, ns.</summary>
    public long WaitedForCoreNs => _cores?.WaitedNs ?? 0;

    /// <summary>An observer that wants to see every event from the start of the run.</summary>
    internal IMachineObserver? Observer
    {
        init => _metrics.Next = value;
    }

    /// <summary>Micro-steps so far.</summary>
    public long Steps => _clock.Steps;

    /// <summary>Ends the run, which then has no result.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Runs until every task has ended or nothing can happen any more.</summary>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public RunResult Run()
    {
        while (Machine.LiveVcpus > 0 && !_queue.IsEmpty && _clock.Steps - _metrics.LastProgress < PatienceSteps)
        {
            Activate(_queue.First);
        }

        return _metrics.Finish(Machine, _clock.Steps, _halts.PolledNs);
    }

    /// <summary>Tells of each activation: actor, micro-steps it took, and whether it began with a bounded wait running
    /// out.</summary>
    internal Action<int, long, bool>? Activated { get; set; }

    /// <summary>Tells of each answer that depended on the clock, so that a run can be replayed without one.</summary>
    internal Action<long>? Answered { get; set; }

    /// <summary>Lets the actor that is next in time run up to its horizon.</summary>
    private void Activate(int actor)
    {
        _clock.Now = _queue.Time(actor);
        if (_cores is not null && actor != Machine.DeviceActor && !HasCore(_cores, actor))
        {
            return;
        }

        var stepsBefore = _clock.Steps;
        var timedOut = false;
        if (_deadline[actor] != long.MaxValue)
        {
            _deadline[actor] = long.MaxValue;
            if (!Machine.IsRunnable(actor))
            {
                _metrics.Unblocked(actor, _clock.Now);
                Machine.TimeOut(actor);
                timedOut = true;
            }
        }

        Cancellation.ThrowIfCancellationRequested();
        _clock.Horizon = _queue.FirstTimeBeside(actor);
        _current = actor;
        // An actor that is alone in the world has no horizon; the device has one completion at a time.
        var pause = _clock.Steps + PatienceSteps;
        do
        {
            Machine.Step(actor);
        }
        while (_clock.Now <= _clock.Horizon && Machine.IsRunnable(actor) && _clock.Steps < pause
            && actor != Machine.DeviceActor);

        _current = -1;
        Activated?.Invoke(actor, _clock.Steps - stepsBefore, timedOut);
        _actorClock[actor] = _clock.Now;
        var sleeps = !Machine.IsRunnable(actor);
        if (_cores is { } cores && actor != Machine.DeviceActor && (sleeps || cores.IsOver(actor, _clock.Now))
            && cores.Release(actor, _clock.Now) is var (next, at))
        {
            _queue.Set(next, at);
        }

        if (!sleeps)
        {
            _queue.Set(actor, actor == Machine.DeviceActor ? NextCompletion : _clock.Now);
        }
        else
        {
            _metrics.Blocked(actor, Machine.Blocked(actor), _clock.Now);
            if (_deadline[actor] != long.MaxValue)
            {
                _queue.Set(actor, _deadline[actor]);
            }
            else
            {
                _queue.Remove(actor);
            }
        }
    }

    /// <summary>Whether an actor has a core now; it is queued for the time when it will have one, if that is known.
    /// </summary>
    private bool HasCore(Cores cores, int actor)
    {
        var at = cores.Take(actor, _clock.Now);
        if (at is null)
        {
            _queue.Remove(actor);
        }
        else if (at > _clock.Now)
        {
            _queue.Set(actor, at.Value);
        }

        return at == _clock.Now;
    }

    private long NextCompletion => _device.NextAt(_clock.Now);

    /// <inheritdoc/>
    void IDriver.Woken(int actor)
    {
        if (_queue is null || actor == _current)
        {
            return; // before the start, or an actor that woke itself by what it just did
        }

        _deadline[actor] = long.MaxValue;
        var at = actor == Machine.DeviceActor ? NextCompletion : Math.Max(_actorClock[actor], _clock.Now);
        _metrics.Unblocked(actor, at);
        if (_cores?.IsWaiting(actor) != true)
        {
            Schedule(actor, at);
        }
    }

    private void Schedule(int actor, long at)
    {
        _queue.Set(actor, at);
        _clock.Horizon = Math.Min(_clock.Horizon, at);
    }

    /// <inheritdoc/>
    void IDriver.Compute(int actor, long ns)
    {
        _clock.Now += ns;
        _computeEnd[actor] = _clock.Now;
    }

    /// <inheritdoc/>
    long IDriver.ComputeUndone(int actor) => Answer(Math.Max(0, _computeEnd[actor] - _clock.Now));

    /// <inheritdoc/>
    void IDriver.Preempt(int actor)
    {
        if (actor != _current && _queue.Contains(actor) && _queue.Time(actor) > _clock.Now)
        {
            Schedule(actor, _clock.Now);
        }
    }

    /// <inheritdoc/>
    void IDriver.Delay(DelayKind kind, ulong key) => _clock.Now += _workload.Delay(_seed, kind, key);

    /// <inheritdoc/>
    void IDriver.BlockUntil(int actor, long ns) => _deadline[actor] = _clock.Now + ns;

    /// <inheritdoc/>
    void IDriver.Touches(CacheLine line, bool writes)
    {
        if (_current >= 0 && _lines.Moves(line, _current, writes))
        {
            _clock.Now += _clock[Cost.LineTransfer];
        }
    }

    /// <inheritdoc/>
    void IDriver.HaltBegins(int vcpu) => _halts.Begin(vcpu, _clock.Now);

    /// <inheritdoc/>
    void IDriver.HaltEnds(int vcpu) =>
        _clock.Now = _halts.End(vcpu, _clock.Now, _clock[Cost.HaltPoll], _clock[Cost.ThreadWake]);

    /// <inheritdoc/>
    void IDriver.PassUserfaultfdLock(ulong gfn)
    {
        var one = _userfaultfds[(long)gfn * _userfaultfds.Length / Machine.Config.Gfns];
        _clock.Now = one.Pass(_clock.Now, _clock[Cost.UserfaultfdLock], _clock[Cost.UserfaultfdSpinner]);
    }

    /// <inheritdoc/>
    void IDriver.FetchIssued(int fetch, ulong gfn, Disposition disposition)
    {
        _device.Issue(fetch, gfn, disposition, _clock.Now);
        if (_queue.Contains(Machine.DeviceActor) && _current != Machine.DeviceActor)
        {
            Schedule(Machine.DeviceActor, NextCompletion);
        }
    }

    /// <inheritdoc/>
    long IDriver.FetchRemaining(int fetch, ulong gfn, Disposition disposition) =>
        Answer(_device.Remaining(fetch < 0 ? null : Machine.FetchTable[fetch], fetch, gfn, disposition, _clock.Now));

    /// <inheritdoc/>
    int IChoices.Choose(ChoiceKind kind, ulong key, int n) =>
        kind == ChoiceKind.FetchCompletes ? (int)Answer(_device.Complete(_clock.Now))
            : _workload.Choose(_seed, kind, key);

    private long Answer(long value)
    {
        Answered?.Invoke(value);
        return value;
    }

    /// <inheritdoc/>
    public void Dispose() => Machine.Dispose();
}
