using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>A workload made from <see cref="SyntheticParameters"/>.</summary>
public sealed class SyntheticWorkload : Workload
{
    private const uint TruthStream = 1, FetchStream = 2, LocalStream = 3, ArmStream = 4, FetchPredictionStream = 5,
        PrefetchStream = 6, RearmStream = 7, InterceptStream = 8, PrefetchIntervalStream = 9;

    private readonly SyntheticParameters _p;

    /// <summary>Builds it.</summary>
    public SyntheticWorkload(string name, SyntheticParameters parameters)
    {
        Name = name;
        _p = parameters;
        Touched = _p.Pages * _p.MemoryTasks * (_p.Shared ? 1 : _p.Vcpus);
        Config = new MachineConfig
        {
            Vcpus = _p.Vcpus,
            TasksPerVcpu = _p.MemoryTasks + _p.CpuTasks,
            Gfns = Math.Max(_p.Gfns, Math.Max(1, Touched)),
            IoThreads = _p.IoThreads,
            Userfaultfds = _p.Userfaultfds,
            ApfLimit = _p.ApfLimit,
            StaleTlb = _p.StaleTlb,
            Backing = _p.Backing,
            Policy = _p.Policy,
            Prefaults = _p.Prefaults,
            GuestApf = _p.GuestApf,
            Guest = _p.Guest,
            PrefetchDepth = _p.PrefetchDepth,
            Rearms = _p.RearmIntervalNs > 0,
            RearmBy = _p.RearmBy,
            PredictedGfns = NeedsPrediction ? Touched : 0,
        };
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>Its parameters.</summary>
    public SyntheticParameters Parameters => _p;

    /// <inheritdoc/>
    public override MachineConfig Config { get; }

    /// <inheritdoc/>
    public override long ServiceNs => _p.ServiceNs;

    /// <summary>Frames the guest touches, numbered from 0.</summary>
    private long Touched { get; }

    private bool NeedsPrediction => _p.SyncPermille + _p.InFlightPermille + _p.InterceptPermille > 0
        || _p.PredictPermille < 1_000;

    /// <inheritdoc/>
    public override IGuestProgram Program(ulong seed) => new SyntheticProgram(_p, seed);

    /// <inheritdoc/>
    public override Workload WithPolicy(VmmPolicy policy) => new SyntheticWorkload(Name, _p with { Policy = policy });

    /// <inheritdoc/>
    public override int Choose(ulong seed, ChoiceKind kind, ulong key) => kind switch
    {
        ChoiceKind.Disposition => (int)Truth(seed, key),
        ChoiceKind.Intercepted => Truth(seed, key) == Disposition.Intercepted ? 1 : 0,
        ChoiceKind.ArmPrediction => (int)PredictArm(seed, key),
        ChoiceKind.FetchPrediction => (int)PredictFetch(seed, key),
        ChoiceKind.PrefetchTarget => PrefetchTarget(seed, key),
        ChoiceKind.RearmTarget => RearmTarget(seed, key),
        _ => throw new InvalidOperationException($"the simulator answers {kind} itself"),
    };

    /// <inheritdoc/>
    public override long FetchNs(ulong seed, ulong gfn, Disposition disposition) => disposition switch
    {
        Disposition.InFlight => _p.InFlightRest.Sample(CounterRandom.At(seed, FetchStream, gfn, 1)),
        Disposition.Sync => _p.Local.Sample(CounterRandom.At(seed, LocalStream, gfn)),
        _ => _p.Fetch.Sample(CounterRandom.At(seed, FetchStream, gfn)),
    };

    /// <inheritdoc/>
    public override long Delay(ulong seed, DelayKind kind, ulong key) => kind switch
    {
        DelayKind.LocalResolve => _p.Local.Sample(CounterRandom.At(seed, LocalStream, key)),
        DelayKind.Intercept => _p.InterceptWork.Sample(CounterRandom.At(seed, InterceptStream, key)),
        DelayKind.PrefetchInterval => _p.PrefetchInterval.Sample(CounterRandom.At(seed, PrefetchIntervalStream, key)),
        _ => _p.RearmIntervalNs,
    };

    private Disposition Truth(ulong seed, ulong gfn)
    {
        var draw = CounterRandom.Below(CounterRandom.At(seed, TruthStream, gfn), 1_000);
        if (draw < _p.SyncPermille)
        {
            return Disposition.Sync;
        }

        draw -= _p.SyncPermille;
        if (draw < _p.InFlightPermille)
        {
            return Disposition.InFlight;
        }

        return draw - _p.InFlightPermille < _p.InterceptPermille ? Disposition.Intercepted : Disposition.Async;
    }

    private Prediction PredictArm(ulong seed, ulong gfn) =>
        Predictions.AtArming(Truth(seed, gfn), IsRight(seed, ArmStream, gfn));

    private Prediction PredictFetch(ulong seed, ulong gfn) =>
        Predictions.AtFetchStart(FetchNs(seed, gfn, Disposition.Async), IsRight(seed, FetchPredictionStream, gfn));

    private bool IsRight(ulong seed, uint stream, ulong gfn) =>
        CounterRandom.Permille(CounterRandom.At(seed, stream, gfn), _p.PredictPermille);

    private int PrefetchTarget(ulong seed, ulong index)
    {
        var frames = (ulong)Touched;
        if (index >= frames)
        {
            return 0;
        }

        if (CounterRandom.Permille(CounterRandom.At(seed, PrefetchStream, index), _p.PrefetchAccuracyPermille))
        {
            // Follows all tasks side by side, as a stream that serves every vCPU would.
            var tasks = frames / (ulong)_p.Pages;
            return (int)((index % tasks * (ulong)_p.Pages) + (index / tasks)) + 1;
        }

        return (int)CounterRandom.Below(CounterRandom.At(seed, PrefetchStream, index, 1), frames) + 1;
    }

    private int RearmTarget(ulong seed, ulong key) =>
        (uint)key >= _p.RearmPages ? 0
            : (int)CounterRandom.Below(CounterRandom.At(seed, RearmStream, key), (ulong)Touched) + 1;
}

/// <summary>Memory tasks walk their frames in order; computing tasks compute in chunks.</summary>
internal sealed class SyntheticProgram(SyntheticParameters p, ulong seed) : IGuestProgram
{
    private const uint ThinkStream = 100, KindStream = 101;
    private const long ComputeChunkNs = 1_000_000;

    private readonly long _cpuTaskNs = p.CpuTaskNs;
    private readonly int _tasksPerVcpu = p.MemoryTasks + p.CpuTasks;

    public bool TryStep(int task, long index, out GuestStep step)
    {
        var vcpu = task / _tasksPerVcpu;
        var local = task % _tasksPerVcpu;
        step = default;
        if (local >= p.MemoryTasks)
        {
            var left = _cpuTaskNs - (index * ComputeChunkNs);
            step = new(Math.Min(left, ComputeChunkNs), 0, GuestStepFlags.NoAccess);
            return left > 0;
        }

        if (index >= p.Pages * p.Passes)
        {
            return false;
        }

        var walker = p.Shared ? local : (vcpu * p.MemoryTasks) + local;
        var page = p.Shared ? (index + (vcpu * p.Pages / p.Vcpus)) % p.Pages : index % p.Pages;
        var key = ((ulong)task << 40) | (ulong)index;
        var think = p.Think.Sample(CounterRandom.At(seed, ThinkStream, key));
        var word = CounterRandom.At(seed, KindStream, key);
        var flags = GuestStepFlags.None;
        flags |= CounterRandom.Permille(word, p.WritePermille) ? GuestStepFlags.Write : 0;
        flags |= CounterRandom.Permille(SplitMix64.Mix(word + 1), p.Cpl0Permille) ? GuestStepFlags.Kernel : 0;
        flags |= CounterRandom.Permille(SplitMix64.Mix(word + 2), p.CliPermille) ? GuestStepFlags.InterruptsOff : 0;
        step = new(think, (ulong)((walker * p.Pages) + page), flags);
        return true;
    }
}
