using UapiLab.Abstractions;
using UapiLab.Harness.Determinism;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Workloads;

namespace UapiLab.Harness.Simulation;

/// <summary>
/// Drives the machine through virtual time: the actor whose clock is lowest steps until it passes the next one's. Costs
/// come from a table, latencies and dispositions from the workload; both are functions of the seed and of what they are
/// for, so every encoding meets the same world.
/// </summary>
public sealed class Simulator : IDriver, IChoices, IDisposable
{
    private readonly Workload workload;
    private readonly ulong seed;
    private readonly Pace pace = new();
    private readonly ActorQueue queue;
    private readonly long[] clock;
    private readonly long[] computeEnd;
    private readonly long[] deadline;
    private const int OrderBits = 16;

    /// <summary>Fetches under way by (time, order of issue), both in one word.</summary>
    private readonly PriorityQueue<int, ulong> device = new();
    private readonly long[] due;
    private readonly Metrics metrics;
    private readonly bool freeSignalling;
    private readonly SpinLockLine userfaultfd = new();
    private long deviceFree;
    private ulong issued;
    private int current = -1;

    /// <summary>Prepares one run.</summary>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract while arming.</exception>
    public Simulator(Encoding encoding, Workload workload, CostTable costs, ulong seed)
    {
        this.workload = workload;
        this.seed = seed;
        freeSignalling = encoding.Description.Traits.HasFlag(EncodingTraits.Omniscient);
        var shape = workload.Shape;
        metrics = new Metrics(shape.Vcpus * shape.TasksPerVcpu, shape.Vcpus, pace);
        metrics.Paused = true; // arming is set-up
        Machine = new Machine(shape, encoding, workload.Program(seed), this, this, metrics, pace);
        metrics.Paused = false;
        queue = new ActorQueue(Machine.ActorCount);
        clock = new long[Machine.ActorCount];
        computeEnd = new long[Machine.ActorCount];
        deadline = Enumerable.Repeat(long.MaxValue, Machine.ActorCount).ToArray();
        due = new long[Machine.Book.Capacity];
        costs.Fill(pace, freeSignalling);
        for (var actor = 0; actor < Machine.ActorCount; actor++)
        {
            if (Machine.IsRunnable(actor))
            {
                queue.Set(actor, 0);
            }
        }

        pace.Steps = 0;
        metrics.LastProgress = 0;
        Machine.SharedAccesses = 0;
    }

    /// <summary>The machine being driven.</summary>
    public Machine Machine { get; }

    /// <summary>Micro-steps without a completed guest access after which a run is given up: something waits for an
    /// event that never comes, or faults for ever.</summary>
    public long PatienceSteps { get; init; } = 2_000_000;

    /// <summary>Somebody else who wants to see every event from the start of the run.</summary>
    public IMachineObserver? Observer
    {
        init => metrics.Next = value;
    }

    /// <summary>Micro-steps so far.</summary>
    public long Steps => pace.Steps;

    /// <summary>Runs until every task has ended or nothing can happen any more.</summary>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract.</exception>
    public RunResult Run()
    {
        while (Machine.LiveVcpus > 0 && !queue.IsEmpty && pace.Steps - metrics.LastProgress < PatienceSteps)
        {
            Activate(queue.First);
        }

        return metrics.Finish(Machine, pace.Steps);
    }

    /// <summary>Tells of each activation: actor, micro-steps it took, and whether it began with a bounded wait running out.</summary>
    internal Action<int, long, bool>? Activated { get; set; }

    /// <summary>Tells of each answer that depended on the clock, so that a run can be replayed without one.</summary>
    internal Action<long>? Answered { get; set; }

    /// <summary>Lets the actor that is next in time run up to its horizon.</summary>
    private void Activate(int actor)
    {
        pace.Now = queue.Time(actor);
        var stepsBefore = pace.Steps;
        var timedOut = false;
        if (deadline[actor] != long.MaxValue)
        {
            deadline[actor] = long.MaxValue;
            if (!Machine.IsRunnable(actor))
            {
                metrics.Unblocked(actor, pace.Now);
                Machine.TimeOut(actor);
                timedOut = true;
            }
        }

        queue.Remove(actor); // while it runs, the first of the queue is the next that may interfere
        pace.Horizon = queue.FirstTime;
        current = actor;
        // An actor that is alone in the world has no horizon; the device has one completion at a time.
        var pause = pace.Steps + PatienceSteps;
        do
        {
            Machine.Step(actor);
        }
        while (pace.Now <= pace.Horizon && Machine.IsRunnable(actor) && pace.Steps < pause && actor != Machine.DeviceActor);

        current = -1;
        Activated?.Invoke(actor, pace.Steps - stepsBefore, timedOut);
        clock[actor] = pace.Now;
        if (Machine.IsRunnable(actor))
        {
            queue.Set(actor, actor == Machine.DeviceActor ? NextCompletion : pace.Now);
        }
        else
        {
            metrics.Blocked(actor, Machine.Blocked(actor), pace.Now);
            if (deadline[actor] != long.MaxValue)
            {
                queue.Set(actor, deadline[actor]);
            }
        }
    }

    private long NextCompletion => device.TryPeek(out _, out var key) ? Math.Max((long)(key >> OrderBits), pace.Now) : long.MaxValue;

    /// <inheritdoc/>
    void IDriver.Woken(int actor)
    {
        if (queue is null || actor == current)
        {
            return; // before the start, or an actor that woke itself by what it just did
        }

        deadline[actor] = long.MaxValue;
        var at = actor == Machine.DeviceActor ? NextCompletion : Math.Max(clock[actor], pace.Now);
        metrics.Unblocked(actor, at);
        Schedule(actor, at);
    }

    private void Schedule(int actor, long at)
    {
        queue.Set(actor, at);
        pace.Horizon = Math.Min(pace.Horizon, at);
    }

    /// <inheritdoc/>
    void IDriver.Compute(int actor, long ns)
    {
        pace.Now += ns;
        computeEnd[actor] = pace.Now;
    }

    /// <inheritdoc/>
    long IDriver.ComputeUndone(int actor) => Answer(Math.Max(0, computeEnd[actor] - pace.Now));

    /// <inheritdoc/>
    void IDriver.Preempt(int actor)
    {
        if (actor != current && queue.Contains(actor) && queue.Time(actor) > pace.Now)
        {
            Schedule(actor, pace.Now);
        }
    }

    /// <inheritdoc/>
    void IDriver.Delay(DelayKind kind, ulong key) => pace.Now += workload.Delay(seed, kind, key);

    /// <inheritdoc/>
    void IDriver.BlockUntil(int actor, long ns) => deadline[actor] = pace.Now + ns;

    /// <inheritdoc/>
    void IDriver.PassUserfaultfdLock() =>
        pace.Now = userfaultfd.Pass(pace.Now, pace[Cost.UserfaultfdLock], pace[Cost.UserfaultfdSpinner]);

    /// <inheritdoc/>
    void IDriver.FetchIssued(int fetch, ulong gfn, Disposition disposition)
    {
        due[fetch] = pace.Now + workload.FetchNs(seed, gfn, disposition);
        if (disposition == Disposition.Async)
        {
            // Local content does not queue for the device or link, and what is in flight has queued already.
            deviceFree = Math.Max(deviceFree, pace.Now) + workload.ServiceNs;
            due[fetch] = Math.Max(deviceFree, due[fetch]);
        }

        device.Enqueue(fetch, ((ulong)due[fetch] << OrderBits) | (issued++ & ((1 << OrderBits) - 1)));
        if (queue.Contains(Machine.DeviceActor) && current != Machine.DeviceActor)
        {
            Schedule(Machine.DeviceActor, NextCompletion);
        }
    }

    /// <inheritdoc/>
    long IDriver.FetchRemaining(int fetch, ulong gfn, Disposition disposition) => Answer(
        fetch >= 0 && Machine.Book[fetch].Status is FetchStatus.Issued or FetchStatus.Fetched
            ? Math.Max(0, due[fetch] - pace.Now)
            : disposition is Disposition.Async or Disposition.InFlight ? workload.FetchNs(seed, gfn, disposition) : 0);

    /// <inheritdoc/>
    int IChoices.Choose(ChoiceKind kind, ulong key, int n) =>
        kind == ChoiceKind.FetchCompletes ? (int)Answer(NextCompleted()) : workload.Choose(seed, kind, key);

    private int NextCompleted()
    {
        var fetch = device.Dequeue();
        return due[fetch] <= pace.Now ? fetch : throw new InvalidOperationException($"fetch {fetch} completes before it is due");
    }

    private long Answer(long value)
    {
        Answered?.Invoke(value);
        return value;
    }

    /// <inheritdoc/>
    public void Dispose() => Machine.Dispose();
}
