using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;

namespace UapiLab.Harness.Tests.Checking.Mutants;

/// <summary>An encoding with one access changed.</summary>
/// <param name="Description">Where, and what is wrong there.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Encoding">The encoding to check.</param>
internal sealed record Mutant(string Description, MutantKind Kind, Encoding Encoding);

/// <summary>Makes defects of an encoding mechanically, to see whether the properties find what is found by looking
/// (docs/mutants.md).</summary>
internal static class Mutants
{
    private const long StatesToRecord = 20_000;

    private static readonly CheckInstance s_plain = new()
    {
        Gfns = 1,
        TasksPerVcpu = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
    };

    private static readonly CheckInstance[] s_ordered =
    [
        s_plain with
        {
            Name = "one-vcpu", Vcpus = 1, TasksPerVcpu = 2,
            Environment = new() { Signals = 1, RefusedInjections = 1, FailedCopies = 1, RepeatedIoctls = 1,
                CarelessReentries = 1 },
        },
        s_plain with { Name = "two-frames", Vcpus = 1, Gfns = 2, TasksPerVcpu = 2, ApfLimit = 1 },
        s_plain with
        {
            Name = "teardown", Vcpus = 1, TasksPerVcpu = 2, Environment = new() { RepeatedIoctls = 1 },
            Modes = [GuestStepFlags.None, GuestStepFlags.DisableApf],
        },
        s_plain with { Name = "hostile", Vcpus = 1, Symmetric = false, Environment = new() { HostileActs = 1 } },
        s_plain with { Name = "re-armed", Vcpus = 1, TasksPerVcpu = 2, Rearms = 1,
            Environment = new() { RepeatedIoctls = 1 } },
        s_plain with { Name = "two-vcpus", Modes = [GuestStepFlags.None, GuestStepFlags.Kernel] },
        s_plain with { Name = "reset", Vcpus = 1, TasksPerVcpu = 2, Environment = new() { Resets = 1 } },
        s_plain with { Name = "re-armed-frames", Vcpus = 1, Gfns = 2, TasksPerVcpu = 2, Rearms = 1 },
    ];

    private static readonly CheckInstance[] s_weak =
    [
        s_plain with { Name = "weak-one-vcpu", Vcpus = 1, TasksPerVcpu = 2, Order = MemoryOrdering.Weak },
        s_plain with { Name = "weak-two-vcpus", Order = MemoryOrdering.Weak },
    ];

    /// <summary>Machines on which a mutant is looked at, the quickest first: small enough to try every mutant on each,
    /// and between them most of what the environment may do. Where the order of accesses is as written, a weaker one
    /// changes nothing.</summary>
    public static IReadOnlyList<CheckInstance> InstancesFor(MutantKind kind) =>
        kind == MutantKind.Weakened ? s_weak : s_ordered;

    /// <summary>Every mutant of the encoding, in the order of halves, operations and places.</summary>
    public static IReadOnlyList<Mutant> Of(Encoding encoding)
    {
        var recorder = new SiteRecorder();
        var recorded = new MutantEncoding(encoding, recorder, "its accesses recorded");
        foreach (var instance in s_ordered)
        {
            BreadthFirst.Run(new MachineModel(recorded, instance),
                new() { MaxStates = StatesToRecord, StopAtFirst = false });
        }

        return [.. from place in recorder.Sites
                   from kind in Kinds(place.Site.Verb, place.IsOrdered)
                   select Make(encoding, place.Site, kind)];
    }

    private static Mutant Make(Encoding encoding, AccessSite site, MutantKind kind)
    {
        var what = $"{site.Describe(encoding)} {kind.ToString().ToLowerInvariant()}";
        return new(what, kind, new MutantEncoding(encoding, new OneMutation(site, kind), what));
    }

    private static IEnumerable<MutantKind> Kinds(AccessVerb verb, bool isOrdered)
    {
        if (verb != AccessVerb.Fence)
        {
            yield return MutantKind.Dropped;
        }

        if (verb is not (AccessVerb.Fence or AccessVerb.Load))
        {
            yield return MutantKind.Delayed;
        }

        if (isOrdered)
        {
            yield return MutantKind.Weakened;
        }
    }
}
