using UapiLab.Harness.Machines;
using static UapiLab.Harness.Simulation.Workloads.ParameterOption<
    UapiLab.Harness.Simulation.Workloads.SyntheticParameters>;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>The options of every workload family. Families differ in their defaults only.</summary>
internal static class SyntheticOptions
{
    /// <summary>In the order in which a workload's name holds them.</summary>
    public static IReadOnlyList<ParameterOption<SyntheticParameters>> All { get; } =
    [
        // The guest.
        Count("vcpus", "vCPUs.", 1, 4_095, p => p.Vcpus, (p, n) => p with { Vcpus = (int)n }),
        Count("tasks", "Tasks per vCPU that touch memory, each its own frames in order.", 1, 1_000, p => p.MemoryTasks,
            (p, n) => p with { MemoryTasks = (int)n }),
        Count("cpu-tasks", "Tasks per vCPU that only compute.", 0, 1_000, p => p.CpuTasks,
            (p, n) => p with { CpuTasks = (int)n }),
        Count("pages", "Frames that each memory task touches in a pass.", 1, SyntheticLimits.MaxFrames, p => p.Pages,
            (p, n) => p with { Pages = n }),
        Count("passes", "Passes over these frames; only a first touch faults, unless frames are re-armed.", 1,
            1_000_000, p => p.Passes, (p, n) => p with { Passes = (int)n }),
        Word("shared", "Whether all vCPUs touch the same frames, each starting at another one.", p => p.Shared,
            (p, b) => p with { Shared = b }, ("off", false), ("on", true)),
        Count("gfns", "Frames in the memslot; 0 means as many as are touched.", 0, SyntheticLimits.MaxFrames,
            p => p.Gfns, (p, n) => p with { Gfns = n }),
        Spread("think", "Computing before each access.", p => p.Think, (p, d) => p with { Think = d }),
        Time("cpu", "Computing of each computing task in all; excludes mix.", p => p.CpuWorkNs,
            (p, ns) => p with { CpuWorkNs = ns }),
        Share("mix",
            "Computing of a vCPU's computing tasks together, as a multiple of the time that its memory tasks would "
            + "wait if every fault blocked the vCPU (first pass, device without limit).",
            p => p.MixPermille, (p, n) => p with { MixPermille = n }, max: SyntheticLimits.MaxMix),
        Share("write", "Share of accesses that write.", p => p.WritePermille, (p, n) => p with { WritePermille = n }),
        Share("cpl0", "Share of accesses in kernel mode, where Linux cannot take an APF.", p => p.Cpl0Permille,
            (p, n) => p with { Cpl0Permille = n }),
        Share("cli", "Share of accesses with interrupts off.", p => p.CliPermille,
            (p, n) => p with { CliPermille = n }),
        Word("guest-apf", "Whether the guest enables APF.", p => p.GuestApf, (p, b) => p with { GuestApf = b },
            ("on", true), ("off", false)),
        Word("guest", "Guest side.", p => p.Guest, (p, s) => p with { Guest = s },
            ("linux", "linux"), ("recorded", "recorded"), ("retouch", "retouch"), ("no-ack", "no-ack")),

        // Where content is.
        Share("sync", "Share of frames whose content the VMM has locally.", p => p.SyncPermille,
            (p, n) => p with { SyncPermille = n }),
        Share("in-flight",
            "Share of frames whose fetch is under way when they are first touched, besides those that a prefetcher "
            + "asked for.",
            p => p.InFlightPermille, (p, n) => p with { InFlightPermille = n }),
        Share("intercept", "Share of frames that fault for a purpose other than paging.", p => p.InterceptPermille,
            (p, n) => p with { InterceptPermille = n }),
        Spread("fetch", "A fetch, from its start to the content's arrival in the VMM.", p => p.Fetch,
            (p, d) => p with { Fetch = d }),
        Spread("in-flight-rest", "What is left of a fetch that was under way (in-flight).", p => p.InFlightRest,
            (p, d) => p with { InFlightRest = d }),
        Spread("local", "Getting local content ready, on the thread that does it.", p => p.Local,
            (p, d) => p with { Local = d }),
        Spread("intercept-work", "Handling an intercept.", p => p.InterceptWork,
            (p, d) => p with { InterceptWork = d }),
        Time("service", "Time that device or link need per page, one page after the other; 0ns means no limit.",
            p => p.ServiceNs, (p, ns) => p with { ServiceNs = ns }),

        // The VMM.
        Share("predict", "Share of frames for which the VMM predicts right.", p => p.PredictPermille,
            (p, n) => p with { PredictPermille = n }),
        Count("prefetch", "Fetches that the prefetcher or background stream keeps under way; 0 means none.", 0, 100_000,
            p => p.PrefetchDepth, (p, n) => p with { PrefetchDepth = (int)n }),
        Spread("prefetch-interval", "Time between the prefetcher's requests.", p => p.PrefetchInterval,
            (p, d) => p with { PrefetchInterval = d }),
        Share("prefetch-accuracy", "Share of its requests that follow the tasks' order; the others hit random frames.",
            p => p.PrefetchAccuracyPermille, (p, n) => p with { PrefetchAccuracyPermille = n }),
        Time("rearm", "Time between re-armings; 0ns means never.", p => p.RearmIntervalNs,
            (p, ns) => p with { RearmIntervalNs = ns }),
        Count("rearm-pages", "Frames re-armed each time, drawn at random.", 1, 1_000_000, p => p.RearmPages,
            (p, n) => p with { RearmPages = (int)n }),
        Word("rearm-by",
            "How: the bit is set and the page discarded; or through a memslot update, with the vCPUs parked "
            + "or running.", p => p.RearmBy, (p, way) => p with { RearmBy = way },
            ("discard", RearmWay.Discard), ("memslot", RearmWay.Memslot), ("memslot-running", RearmWay.MemslotRunning)),
        Count("io", "I/O threads.", 1, 1_000, p => p.IoThreads, (p, n) => p with { IoThreads = (int)n }),
        Count("uffds", "userfaultfds, each of an equal part of the memory.", 1, 4_095, p => p.Userfaultfds,
            (p, n) => p with { Userfaultfds = (int)n }),
        new("policy", $"What the VMM does with a fault: {PolicyText.Form}.", p => p.Policy.ToString(),
            (p, text) => p with { Policy = text.Policy() }),

        Word("pre-fault", "Whether the vCPU thread has KVM map a page that it has resolved (KVM_PRE_FAULT_MEMORY).",
            p => p.Prefaults, (p, on) => p with { Prefaults = on }, ("off", false), ("on", true)),

        // Machine and memory.
        Count("limit", "APFs that a vCPU may have outstanding (ASYNC_PF_PER_VCPU).", 1, 1_024, p => p.ApfLimit,
            (p, n) => p with { ApfLimit = (int)n }),
        Word("backing", "Memory under the memslot.", p => p.Backing, (p, b) => p with { Backing = b },
            ("anon", Backing.Anonymous), ("uffd", Backing.Userfaultfd), ("shmem", Backing.SharedMemory),
            ("gmem", Backing.GuestMemfd), ("gmem-mmap", Backing.GuestMemfdMapped)),
        Word("tlb", "What a CPU does with a stale read-only translation on a write.", p => p.StaleTlb,
            (p, b) => p with { StaleTlb = b },
            ("fault", StaleTlbBehaviour.Fault), ("rewalk", StaleTlbBehaviour.Rewalk)),
    ];
}
