using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>The small machine that is explored. Printed with every verdict: a verdict is about this machine and no other.</summary>
public sealed record CheckInstance
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "default";
    /// <summary>vCPUs.</summary>
    public int Vcpus { get; init; } = 2;
    /// <summary>Frames; every task touches each once.</summary>
    public int Gfns { get; init; } = 2;
    /// <summary>Guest tasks on each vCPU.</summary>
    public int TasksPerVcpu { get; init; } = 2;
    /// <summary>I/O threads of the VMM.</summary>
    public int IoThreads { get; init; } = 1;
    /// <summary>Whether there is a prefetcher.</summary>
    public bool Prefetcher { get; init; } = true;
    /// <summary>ASYNC_PF_PER_VCPU.</summary>
    public int ApfLimit { get; init; } = 2;
    /// <summary>Order of accesses.</summary>
    public MemoryOrdering Order { get; init; }
    /// <summary>Rounds of re-arming.</summary>
    public int Rearms { get; init; } = 1;
    /// <summary>What the environment may do besides.</summary>
    public EnvironmentBudget Environment { get; init; } = new() { Signals = 1, RefusedInjections = 1, FailedCopies = 1 };
    /// <summary>Modes a task may be in at an access.</summary>
    public IReadOnlyList<GuestStepFlags> Modes { get; init; } = [GuestStepFlags.None, GuestStepFlags.Kernel, GuestStepFlags.InterruptsOff];

    /// <summary>Whether steps that nobody else can notice are taken together with the next one that somebody can.</summary>
    public bool Fuses { get; init; } = true;
    /// <summary>Whether states that differ only in names count once.</summary>
    public bool Symmetric { get; init; } = true;

    /// <summary>Shape of the machine.</summary>
    public MachineShape Shape => new()
    {
        Vcpus = Vcpus,
        TasksPerVcpu = TasksPerVcpu,
        Gfns = Gfns,
        IoThreads = IoThreads,
        ApfLimit = ApfLimit,
        TlbEntries = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Gfns),
        PrefetchDepth = Prefetcher ? 1 : 0,
        PredictedGfns = Gfns,
        Rearms = Rearms > 0,
        RearmRounds = Rearms,
        FreePolicy = true,
        Environment = Environment,
        Order = Order,
        LogLimit = 96,
        RecyclesTokens = true,
        InstantDevice = true,
        Renames = true,
    };
}
