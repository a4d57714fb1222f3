using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>A recorded trace as the guest's accesses: each traced vCPU is one task, and computing tasks beside it stand
/// for what else the guest could do while a page is away.</summary>
/// <remarks>Where a trace tells when a page really arrived, that is its fetch time, counted from the access; the first
/// access that tells decides for every vCPU. A page that was on its way is in flight, one that was there already is
/// local and takes no time. Every other page is fetched in <see cref="TraceWorkloadOptions.Fetch"/>.</remarks>
public sealed class TraceWorkload : Workload
{
    private const int MaxVcpus = 4_095;
    private const uint FetchStream = 1, ArmStream = 2, FetchPredictionStream = 3;
    private readonly AccessTrace _trace;
    private readonly TraceWorkloadOptions _options;
    private readonly TracePages _pages;

    /// <summary>Builds it.</summary>
    /// <exception cref="InputException">The trace has more vCPUs than a machine can have.</exception>
    public TraceWorkload(AccessTrace trace, TraceWorkloadOptions options)
        : this(trace, Checked(trace, options), new TracePages(trace))
    {
    }

    private TraceWorkload(AccessTrace trace, TraceWorkloadOptions options, TracePages pages)
    {
        (_trace, _options, _pages) = (trace, options, pages);
        Config = new MachineConfig
        {
            Vcpus = trace.Vcpus.Count,
            TasksPerVcpu = 1 + options.Background,
            Gfns = trace.GfnCount,
            IoThreads = options.IoThreads,
            Policy = options.Policy,
            PredictedGfns = pages.AllAsync && options.PredictPermille == 1_000 ? 0 : trace.GfnCount,
        };
    }

    /// <inheritdoc/>
    public override string Name => new SpecText($"trace:{_trace.Source}", _options.Changed()).ToString();

    /// <inheritdoc/>
    public override MachineConfig Config { get; }

    /// <summary>What is replayed.</summary>
    public AccessTrace Trace => _trace;

    /// <summary>What the trace does not say.</summary>
    public TraceWorkloadOptions Options => _options;

    /// <inheritdoc/>
    public override IGuestProgram Program(ulong seed) => new TraceProgram(_trace, _options.Background);

    /// <inheritdoc/>
    public override Workload WithPolicy(VmmPolicy policy) =>
        new TraceWorkload(_trace, _options with { Policy = policy }, _pages);

    /// <summary>The same trace under other options.</summary>
    public TraceWorkload With(TraceWorkloadOptions options) => new(_trace, options, _pages);

    /// <inheritdoc/>
    public override int Choose(ulong seed, ChoiceKind kind, ulong key) => kind switch
    {
        ChoiceKind.Disposition => (int)_pages.Disposition(key),
        ChoiceKind.Intercepted => _pages.Disposition(key) == Disposition.Intercepted ? 1 : 0,
        ChoiceKind.ArmPrediction => (int)Predictions.AtArming(
            _pages.Disposition(key),
            right: CounterRandom.Permille(CounterRandom.At(seed, ArmStream, key), _options.PredictPermille)),
        ChoiceKind.FetchPrediction => (int)Predictions.AtFetchStart(
            FetchNs(seed, key, _pages.Disposition(key)),
            right: CounterRandom.Permille(CounterRandom.At(seed, FetchPredictionStream, key),
                _options.PredictPermille)),
        ChoiceKind.PrefetchTarget or ChoiceKind.RearmTarget => 0,
        _ => throw new InvalidOperationException($"the simulator answers {kind} itself"),
    };

    /// <inheritdoc/>
    public override long FetchNs(ulong seed, ulong gfn, Disposition disposition) =>
        _pages.ArrivalNs(gfn) is var arrival and >= 0
            ? arrival
            : _options.Fetch.Sample(CounterRandom.At(seed, FetchStream, gfn));

    /// <inheritdoc/>
    public override long Delay(ulong seed, DelayKind kind, ulong key) => 0; // local pages were there already

    private static TraceWorkloadOptions Checked(AccessTrace trace, TraceWorkloadOptions options) =>
        trace.Vcpus.Count <= MaxVcpus
            ? options
            : throw new InputException(trace.Source,
                $"the trace has {trace.Vcpus.Count} vCPUs, expected at most {MaxVcpus}");
}

/// <summary>Task 0 of each vCPU replays its trace; the others compute as long as that trace thinks in all.</summary>
internal sealed class TraceProgram(AccessTrace trace, int background) : IGuestProgram
{
    private const long ComputeChunkNs = 1_000_000;

    private readonly int _tasksPerVcpu = 1 + background;
    private readonly long[] _thinkNs = trace.Vcpus.Select(v => v.Accesses.Sum(a => a.ThinkNs) + v.TailThinkNs)
        .ToArray();

    public bool TryStep(int task, long index, out GuestStep step)
    {
        var vcpu = task / _tasksPerVcpu;
        if (task % _tasksPerVcpu != 0)
        {
            var left = _thinkNs[vcpu] - (index * ComputeChunkNs);
            step = new(Math.Min(left, ComputeChunkNs), 0, GuestStepFlags.NoAccess);
            return left > 0;
        }

        var (_, accesses, tail) = trace.Vcpus[vcpu];
        if (index >= accesses.Length)
        {
            step = new(tail, 0, GuestStepFlags.NoAccess);
            return index == accesses.Length && tail > 0;
        }

        ref readonly var access = ref accesses[index];
        var flags = (access.Flags & TraceAccessFlags.Write) != 0 ? GuestStepFlags.Write : GuestStepFlags.None;
        flags |= (access.Flags & TraceAccessFlags.Kernel) != 0 ? GuestStepFlags.Kernel : GuestStepFlags.None;
        step = new(access.ThinkNs, (ulong)access.Gfn, flags);
        return true;
    }
}
