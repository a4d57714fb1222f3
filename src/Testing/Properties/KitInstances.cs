using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;

namespace UapiLab.Testing.Properties;

/// <summary>Instances that the kit explores: the checker's quick one, the smallest of its suite, cuts of two others,
/// and a few for what is between them: weaker memory orders, and frames that share a word.</summary>
internal static class KitInstances
{
    public static CheckInstance Quick => CheckInstance.Quick;

    public static CheckInstance Queue => Named("queue");

    /// <summary>Members of the suite that take longer; on request.</summary>
    public static IEnumerable<CheckInstance> Bigger => CheckInstance.Suite.Where(i => i.Name != Queue.Name);

    /// <summary>The suite's <c>careless</c> with one vCPU.</summary>
    public static CheckInstance CarelessVcpu { get; } = Named("careless") with { Name = "careless-vcpu", Vcpus = 1 };

    /// <summary>The suite's <c>re-arm</c> with one task on each vCPU.</summary>
    public static CheckInstance RearmTasks { get; } = Named("re-arm") with { Name = "re-arm-tasks", TasksPerVcpu = 1 };

    /// <summary>How much of <see cref="Weak"/> is looked at: encodings with many words have millions of states
    /// there.</summary>
    public const long WeakStates = 100_000;

    /// <summary>Two faulters of one frame, nothing else, any order of accesses.</summary>
    public static CheckInstance Weak { get; } =
        Plain("weak-words") with { Gfns = 1, TasksPerVcpu = 1, Order = MemoryOrdering.Weak };

    /// <summary>Store buffers, and one vCPU with two frames under way.</summary>
    public static CheckInstance Tso { get; } = Plain("store-buffers") with { Vcpus = 1, Order = MemoryOrdering.Tso };

    /// <summary>One vCPU, two tasks, two frames, armed again: words that frames share, and tokens that follow each
    /// other.</summary>
    public static CheckInstance Neighbours { get; } = Plain("neighbours") with { Vcpus = 1, Rearms = 1 };

    /// <summary>As <see cref="Neighbours"/> without re-arming, with kernel sections: the VMM resolves one page while an
    /// I/O thread places another.</summary>
    public static CheckInstance Publishers { get; } =
        Plain("publishers") with { Vcpus = 1, Modes = [GuestStepFlags.None, GuestStepFlags.Kernel] };

    /// <summary>One page, armed again once while its vCPU runs.</summary>
    public static CheckInstance RearmPage { get; } =
        Plain("re-arm-page") with { Vcpus = 1, Gfns = 1, TasksPerVcpu = 1, Rearms = 1 };

    private static CheckInstance Plain(string name) =>
        new() { Name = name, Prefetcher = false, Rearms = 0, Environment = new(), Modes = [GuestStepFlags.None] };

    private static CheckInstance Named(string name) => CheckInstance.Suite.Single(i => i.Name == name);
}
