using UapiLab.Harness.Checking.Mistakes;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;

namespace UapiLab.Harness.Lab.Misuse;

/// <summary>The machines on which a mistake of a VMM's half is tried, the smallest first. The first that breaks
/// decides; one that breaks nowhere was tried on all.</summary>
internal static class MisuseLadder
{
    private static readonly CheckInstance s_plain = new()
    {
        Vcpus = 1,
        Gfns = 1,
        TasksPerVcpu = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
    };

    /// <summary>Those with accesses in order.</summary>
    public static IReadOnlyList<CheckInstance> Ordered => s_ordered;

    private static readonly CheckInstance[] s_ordered =
    [
        s_plain with { Name = "one-task", Prefetcher = true, Environment = new() { Signals = 1 } },
        s_plain with { Name = "two-tasks", TasksPerVcpu = 2 },
        s_plain with { Name = "two-frames", Gfns = 2, ApfLimit = 1 },
        s_plain with { Name = "armed-again", Rearms = 1 },
        s_plain with { Name = "two-vcpus", Vcpus = 2 },
    ];

    private static readonly CheckInstance[] s_weak =
    [
        s_plain with { Name = "weak-one-task", Order = MemoryOrdering.Weak },
        s_plain with { Name = "weak-two-tasks", TasksPerVcpu = 2, Order = MemoryOrdering.Weak },
    ];

    /// <summary>Who is left a call is not the thread that places pages, which could otherwise wait for the vCPU's mutex
    /// for ever.</summary>
    private static readonly CheckInstance[] s_threads =
    [
        s_ordered[0] with { Name = "one-task-two-threads", IoThreads = 2 },
        s_plain with { Name = "two-tasks-two-threads", TasksPerVcpu = 2, IoThreads = 2 },
        s_ordered[2] with { Name = "two-frames-two-threads", IoThreads = 2 },
    ];

    /// <summary>Every machine.</summary>
    public static IEnumerable<CheckInstance> All => [.. s_ordered, .. s_weak, .. s_threads];

    /// <summary>Those for a kind of mistake. An order that is weaker shows only where the processor may use
    /// it.</summary>
    public static IReadOnlyList<CheckInstance> For(MistakeKind kind) => kind switch
    {
        MistakeKind.Weakened => s_weak,
        MistakeKind.OtherThread => s_threads,
        _ => s_ordered,
    };
}
