using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>Parameters of a made-up workload. Shares are per mille of frames or accesses.</summary>
public sealed record SyntheticParameters
{
    /// <summary>vCPUs.</summary>
    public int Vcpus { get; init; } = 1;
    /// <summary>Tasks per vCPU that touch memory.</summary>
    public int MemoryTasks { get; init; } = 1;
    /// <summary>Tasks per vCPU that only compute.</summary>
    public int CpuTasks { get; init; }
    /// <summary>Frames each memory task touches once per pass.</summary>
    public long Pages { get; init; } = 200;
    /// <summary>Passes over them.</summary>
    public int Passes { get; init; } = 1;
    /// <summary>All vCPUs touch the same frames.</summary>
    public bool Shared { get; init; }
    /// <summary>Frames in the memslot; 0 = as many as are touched.</summary>
    public long Gfns { get; init; }
    /// <summary>Compute before each access.</summary>
    public Distribution Think { get; init; } = Distribution.Constant(2_000);
    /// <summary>Compute of each computing task in all, ns; 0 if <see cref="MixPermille"/> says how much.</summary>
    public long CpuWorkNs { get; init; }
    /// <summary>Compute of a vCPU's computing tasks together, in thousandths of <see cref="WaitingNs"/>; 0 if
    /// <see cref="CpuWorkNs"/> says how much.</summary>
    public uint MixPermille { get; init; }
    /// <summary>A fetch from its start.</summary>
    public Distribution Fetch { get; init; } = Distribution.Constant(10_000_000);
    /// <summary>What is left of a fetch that began before the fault.</summary>
    public Distribution InFlightRest { get; init; } = Distribution.Constant(5_000);
    /// <summary>Placing local content.</summary>
    public Distribution Local { get; init; } = Distribution.Constant(2_000);
    /// <summary>Handling an intercept.</summary>
    public Distribution InterceptWork { get; init; } = Distribution.Constant(3_000);
    /// <summary>Time per page on device or link.</summary>
    public long ServiceNs { get; init; }
    /// <summary>Frames whose content is local.</summary>
    public uint SyncPermille { get; init; }
    /// <summary>Frames whose fetch is under way when first touched.</summary>
    public uint InFlightPermille { get; init; }
    /// <summary>Frames intercepted for another purpose.</summary>
    public uint InterceptPermille { get; init; }
    /// <summary>Accesses in kernel mode (CPL 0).</summary>
    public uint Cpl0Permille { get; init; } = 50;
    /// <summary>Accesses with interrupts off.</summary>
    public uint CliPermille { get; init; }
    /// <summary>Accesses that write.</summary>
    public uint WritePermille { get; init; } = 500;
    /// <summary>Frames for which the VMM predicts right.</summary>
    public uint PredictPermille { get; init; } = 1_000;
    /// <summary>Fetches the prefetcher or background stream keeps under way.</summary>
    public int PrefetchDepth { get; init; }
    /// <summary>Time between its requests.</summary>
    public Distribution PrefetchInterval { get; init; } = Distribution.Constant(1_000);
    /// <summary>Requests of the prefetcher for a frame that will be touched next; the others hit random
    /// frames.</summary>
    public uint PrefetchAccuracyPermille { get; init; } = 1_000;
    /// <summary>Time between re-armings; 0 = never.</summary>
    public long RearmIntervalNs { get; init; }
    /// <summary>Frames re-armed each time.</summary>
    public int RearmPages { get; init; } = 16;
    /// <summary>How.</summary>
    public RearmWay RearmBy { get; init; }
    /// <summary>I/O threads.</summary>
    public int IoThreads { get; init; } = 1;
    /// <summary>userfaultfds, each of an equal part of the memory.</summary>
    public int Userfaultfds { get; init; } = 1;
    /// <summary>ASYNC_PF_PER_VCPU.</summary>
    public int ApfLimit { get; init; } = 64;
    /// <summary>Whether the guest enabled APF.</summary>
    public bool GuestApf { get; init; } = true;
    /// <summary>Guest side.</summary>
    public string Guest { get; init; } = "linux";
    /// <summary>Memory underneath.</summary>
    internal Backing Backing { get; init; } = Backing.Anonymous;
    /// <summary>Whether the vCPU thread has KVM map a page that it has resolved.</summary>
    public bool Prefaults { get; init; }
    /// <summary>CPU on a stale read-only translation.</summary>
    internal StaleTlbBehaviour StaleTlb { get; init; } = StaleTlbBehaviour.Fault;
    /// <summary>VMM policy.</summary>
    public VmmPolicy Policy { get; init; } = new(PolicyKind.WaitThenHandOff, 10_000);

    /// <summary>Expected time that a vCPU's memory tasks wait in their first pass if every fault blocks the vCPU, the
    /// device has no limit and nothing is prefetched, ns.</summary>
    public decimal WaitingNs
    {
        get
        {
            var asyncPermille = 1_000 - (long)SyncPermille - InFlightPermille - InterceptPermille;
            var perFault = ((Fetch.Mean * asyncPermille)
                + (Local.Mean * SyncPermille)
                + (InFlightRest.Mean * InFlightPermille)
                + (InterceptWork.Mean * InterceptPermille)) / 1_000;
            return perFault * Pages * MemoryTasks / (Shared ? Vcpus : 1);
        }
    }

    /// <summary>Compute of each computing task in all, whichever way it is given, ns.</summary>
    public long CpuTaskNs => MixPermille == 0 || CpuTasks == 0
        ? CpuWorkNs
        : (long)Math.Min(WaitingNs / 1_000 * MixPermille / CpuTasks, long.MaxValue / 2);
}
