using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>A guest and its surroundings: what the tasks do, where content is, how long things take, what the VMM
/// predicts. Every member is a pure function of the seed and its key.</summary>
public abstract class Workload
{
    /// <summary>Name with the options that differ from the defaults.</summary>
    public abstract string Name { get; }

    /// <summary>The machine it runs on.</summary>
    public abstract MachineConfig Config { get; }

    /// <summary>Time the device or network needs per page, one after the other, ns; 0 = no limit.</summary>
    public virtual long ServiceNs => 0;

    /// <summary>What the guest's tasks do.</summary>
    public abstract IGuestProgram Program(ulong seed);

    /// <summary>Answers a choice of the machine.</summary>
    public abstract int Choose(ulong seed, ChoiceKind kind, ulong key);

    /// <summary>How long a fetch takes, ns.</summary>
    public abstract long FetchNs(ulong seed, ulong gfn, Abstractions.Disposition disposition);

    /// <summary>How long something of the workload takes, ns.</summary>
    public abstract long Delay(ulong seed, DelayKind kind, ulong key);

    /// <summary>The same workload under another policy.</summary>
    public abstract Workload WithPolicy(VmmPolicy policy);
}
