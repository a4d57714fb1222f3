using System.Runtime.InteropServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Native;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Live.Os;

namespace UapiLab.Live.Emulation;

/// <summary>
/// Drives the machine through real time: each actor is a thread, and so is each task of the guest. Whatever the machine
/// does itself it does under one lock, which is how KVM and the VMM's policy are emulated. The halves of the encoding
/// run without it, side by side, on memory that all of them see; the guest's pages are real, and so are its faults.
/// </summary>
internal sealed unsafe class ThreadedMachine : IDriver, IChoices, IMachineObserver, IDisposable
{
    /// <summary>A run in which no touch is done for so long is given up; fetches add to it.</summary>
    private const double PatienceNs = 5e9;

    private const int RoundMs = 100;

    private readonly Lock _lock = new();
    private readonly StepClock _clock = new();
    private readonly Workload _workload;
    private readonly ulong _seed;
    private readonly Encoding _encoding;
    private readonly Metrics _metrics;
    private readonly GuestPages _pages;
    private GuestTask[] _tasks = [];
    private readonly NativeRegions _words;
    private readonly ManualResetEventSlim _end = new();
    private Device? _device;
    private ThreadContext[] _contexts = [];

    /// <summary>A word that each actor sleeps on: 1 wakes it.</summary>
    private int* _signals;

    private bool[] _asleep = [];
    private bool[] _isRun = [];
    private long[] _deadline = [];
    private long[] _computeEnd = [];
    private long[] _busyUntil = [];
    private int _awake;
    private long _touched;
    private double _begin;
    private double _waitedNs;
    private Exception? _failure;
    private string? _stuck;
    private volatile bool _isOver;

    /// <summary>Prepares one run.</summary>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract while arming.</exception>
    public ThreadedMachine(Encoding encoding, Workload workload, ulong seed)
    {
        (_encoding, _workload, _seed) = (encoding, workload, seed);
        var config = workload.Config;
        _metrics = new(config.Vcpus * config.TasksPerVcpu, config.Vcpus, _clock) { Next = this, Paused = true };
        _words = new(encoding, config.Vcpus, config.Gfns, config.ApfLimit + 1);
        _pages = new((int)config.Gfns, Fail);
        lock (_lock)
        {
            // Arming is set-up: no other thread runs yet.
            Machine = new(config, encoding, workload.Program(seed), this, this, _metrics, _clock, CallsOf);
        }

        _metrics.Paused = false;
    }

    /// <summary>Touches that found something else in a page than the VMM had placed.</summary>
    public int Foreign => _pages.Foreign;

    /// <summary>What is driven.</summary>
    public Machine Machine { get; private set; }

    private double NowNs => Clock.Ns - _begin;

    /// <summary>Runs until every task has ended, or nothing can happen any more.</summary>
    public (RunResult Result, double WaitedNs, string? Stuck) Run(CancellationToken cancellation)
    {
        var config = Machine.Config;
        _tasks = [.. Enumerable.Range(0, config.Vcpus * config.TasksPerVcpu).Select(_ => new GuestTask(_pages))];
        int[] actors = [.. Enumerable.Range(0, Machine.DeviceActor + 1), Machine.WorkerActor];
        Thread[] threads = [.. actors.Select(actor => new Thread(() => RunActor(actor))
        { IsBackground = true, Name = "uapilab-actor" })];
        lock (_lock)
        {
            foreach (var (actor, thread) in actors.Zip(threads))
            {
                _isRun[actor] = true;
                thread.Start();
            }

            SpinWait.SpinUntil(() => _tasks.All(task => task.Number != 0));
            _pages.Serve(_tasks);
            _awake = actors.Length;
            _begin = Clock.Ns;
        }

        Watch(cancellation);
        _pages.Release();
        foreach (var thread in threads)
        {
            thread.Join();
        }

        foreach (var task in _tasks)
        {
            task.Stop();
            _waitedNs += task.WaitedNs;
        }

        cancellation.ThrowIfCancellationRequested();
        if (_failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }

        return (_metrics.Finish(Machine, _clock.Steps, polledNs: 0), _waitedNs, _stuck);
    }

    public void Dispose()
    {
        _pages.Release();
        foreach (var task in _tasks)
        {
            task.Dispose();
        }

        Machine.Dispose();
        _words.Dispose();
        _pages.Dispose();
        _end.Dispose();
        NativeMemory.Free(_signals);
    }

    public ThreadContext ContextOf(int actor) => _contexts[actor];

    /// <summary>Takes the lock of the machine; from here on it is this actor that steps.</summary>
    public void Enter(int actor)
    {
        _lock.Enter();
        if (_isOver)
        {
            _lock.Exit();
            throw new RunOverException();
        }

        Machine.CurrentActor = actor;
        _clock.Now = (long)NowNs;
    }

    /// <summary>Releases it, if this thread has it.</summary>
    public void Leave()
    {
        if (_lock.IsHeldByCurrentThread)
        {
            _lock.Exit();
        }
    }

    public void ThrowIfOver()
    {
        if (_isOver)
        {
            throw new RunOverException();
        }
    }

    /// <summary>Under the lock: sleeps until the machine lets the actor go on.</summary>
    public void SleepWhileBlocked(int actor)
    {
        while (!Machine.IsRunnable(actor))
        {
            Sleep(actor, long.MaxValue);
        }
    }

    void IMachineObserver.On(in MachineEvent e)
    {
        _touched += e.Kind == MachineEventKind.GuestAccessDone ? 1 : 0;
        if (e is { Kind: MachineEventKind.Violation, Value: (ulong)ViolationKind.Livelock })
        {
            _stuck ??= Invariant($"vCPU {e.Vcpu} faults for page {e.Gfn} again and again");
            End();
        }
    }

    void IDriver.Woken(int actor)
    {
        if (actor < _deadline.Length)
        {
            _deadline[actor] = long.MaxValue;
            _metrics.Unblocked(actor, _clock.Now);
            Signal(actor);
        }
    }

    void IDriver.Compute(int actor, long ns) => _busyUntil[actor] = _computeEnd[actor] = _clock.Now + ns;

    long IDriver.ComputeUndone(int actor) => Math.Max(0, _computeEnd[actor] - _clock.Now);

    void IDriver.Preempt(int actor)
    {
        _busyUntil[actor] = 0;
        Signal(actor);
    }

    void IDriver.Delay(DelayKind kind, ulong key) =>
        _busyUntil[Machine.CurrentActor] = _clock.Now + _workload.Delay(_seed, kind, key);

    void IDriver.BlockUntil(int actor, long ns) => _deadline[actor] = _clock.Now + ns;

    bool? IDriver.Touch(int task, ulong gfn, bool write)
    {
        var vcpu = Machine.CurrentActor;
        Leave();
        try
        {
            return _tasks[task].Touch(gfn, write);
        }
        finally
        {
            Enter(vcpu);
        }
    }

    void IDriver.Placed(ulong gfn) => _pages.Place(gfn);

    void IDriver.Mapped(ulong gfn, bool writable)
    {
        if (!writable)
        {
            throw new ProbeFailedException("it maps a page read-only, which is not emulated");
        }

        _pages.Map(gfn);
    }

    void IDriver.FetchIssued(int fetch, ulong gfn, Disposition disposition)
    {
        _device!.Issue(fetch, gfn, disposition, _clock.Now);
        Signal(Machine.DeviceActor);
    }

    long IDriver.FetchRemaining(int fetch, ulong gfn, Disposition disposition) =>
        _device!.Remaining(fetch < 0 ? null : Machine.FetchTable[fetch], fetch, gfn, disposition, _clock.Now);

    int IChoices.Choose(ChoiceKind kind, ulong key, int n) => kind == ChoiceKind.FetchCompletes
        ? _device!.Complete(_clock.Now) : _workload.Choose(_seed, kind, key);

    private EncodingCalls CallsOf(Machine machine)
    {
        Machine = machine;
        var actors = machine.ActorCount;
        _signals = (int*)NativeMemory.AllocZeroed((nuint)actors, sizeof(int));
        (_asleep, _isRun) = (new bool[actors], new bool[actors]);
        (_deadline, _computeEnd, _busyUntil) = (new long[actors], new long[actors], new long[actors]);
        Array.Fill(_deadline, long.MaxValue);
        _device = new(_workload, _seed, machine.FetchTable.Capacity);
        var words = new NativeWorld(_words, new NativeHost(machine.Config.Vcpus));
        var kvmHalf = _encoding.KvmHalf<ThreadWorld>();
        var isOmniscient = _encoding.Description.Traits.HasFlag(EncodingTraits.Omniscient);
        _contexts = [.. Enumerable.Range(0, actors).Select(actor =>
            new ThreadContext(this, words, kvmHalf, actor, isOmniscient))];
        return new HalfCalls<ThreadWorld, ThreadRunner>(new(this), kvmHalf, _encoding.VmmHalf<ThreadWorld>());
    }

    /// <summary>An actor for as long as the run lasts.</summary>
    private void RunActor(int actor)
    {
        var before = Cpus.WaitedNs;
        try
        {
            Libc.SleepExactly();
            Enter(actor);
            while (Machine.LiveVcpus > 0)
            {
                SleepUntilItCanStep(actor);
                Machine.Step(actor);
                if (!Machine.IsRunnable(actor))
                {
                    _metrics.Blocked(actor, Machine.Blocked(actor), _clock.Now);
                }

                _clock.Now = (long)NowNs;
            }

            End();
        }
        catch (RunOverException)
        {
            // It is what ends the others.
        }
        catch (Exception e)
        {
            Fail(e);
        }
        finally
        {
            Leave();
            lock (_lock)
            {
                _waitedNs += Cpus.WaitedNs - before;
            }
        }
    }

    private void SleepUntilItCanStep(int actor)
    {
        while (true)
        {
            var isBlocked = !Machine.IsRunnable(actor);
            var until = isBlocked ? _deadline[actor]
                : actor == Machine.DeviceActor ? _device!.NextAt(0) : _busyUntil[actor];
            if (until > _clock.Now)
            {
                Sleep(actor, until);
                continue;
            }

            if (!isBlocked)
            {
                return;
            }

            _deadline[actor] = long.MaxValue;
            _metrics.Unblocked(actor, _clock.Now);
            Machine.TimeOut(actor);
        }
    }

    /// <summary>Under the lock, which it gives up meanwhile: until somebody signals, or a time has come.</summary>
    private void Sleep(int actor, long until)
    {
        Volatile.Write(ref _signals[actor], 0);
        if (until == long.MaxValue)
        {
            _asleep[actor] = true;
            if (--_awake == 0)
            {
                _stuck = WhoSleeps();
                End();
                throw new RunOverException();
            }
        }

        Leave();
        try
        {
            if (until == long.MaxValue)
            {
                Futex.SleepWhile(_signals + actor, 0);
            }
            else
            {
                Futex.SleepWhile(_signals + actor, 0, Math.Max(0, until - NowNs));
            }
        }
        finally
        {
            Enter(actor);
        }
    }

    private void Signal(int actor)
    {
        _awake += _asleep[actor] ? 1 : 0;
        _asleep[actor] = false;
        if (_isRun[actor])
        {
            Futex.Set(_signals + actor, 1);
        }
    }

    private void End()
    {
        lock (_lock)
        {
            _isOver = true;
            for (var actor = 0; actor < _isRun.Length; actor++)
            {
                Signal(actor);
            }
        }

        _end.Set();
    }

    private void Fail(Exception e)
    {
        lock (_lock)
        {
            _failure ??= _isOver ? null : e;
        }

        End();
    }

    /// <summary>Waits for the end, and sees to it that there is one.</summary>
    private void Watch(CancellationToken cancellation)
    {
        var (touched, since) = (0L, Clock.Ns);
        while (!_end.Wait(RoundMs))
        {
            lock (_lock)
            {
                since = touched == _touched && _device!.NextAt(0) == long.MaxValue ? since : Clock.Ns;
                touched = _touched;
            }

            if (Clock.Ns - since > PatienceNs)
            {
                lock (_lock)
                {
                    _stuck ??= _isOver ? null : Invariant($"no page is touched for {PatienceNs / 1e9} s");
                }

                End();
            }

            if (cancellation.IsCancellationRequested)
            {
                End();
            }
        }
    }

    /// <summary>Why nothing can happen any more, in words: a task that nobody wakes if there is one.</summary>
    private string WhoSleeps()
    {
        for (var task = 0; task < _tasks.Length; task++)
        {
            ref var state = ref Machine.Tasks[task];
            if (state.Status == Harness.Machines.TaskStatus.Sleeping)
            {
                return Invariant($"a task of vCPU {task / Machine.Config.TasksPerVcpu} sleeps for page {state.Gfn}, ")
                    + (Machine.Memory.HasContent(state.Gfn) ? "which is there" : "which nobody fetches");
            }
        }

        var vcpu = Enumerable.Range(0, Machine.Config.Vcpus).First(v => Machine.StepOf(v) != VcpuStep.Done);
        return Invariant($"vCPU {vcpu} waits ({Machine.Blocked(vcpu)}) for page {Machine.Vcpus[vcpu].FaultGfn}");
    }
}
