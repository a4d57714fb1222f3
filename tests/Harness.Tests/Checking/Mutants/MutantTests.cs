using System.Collections.Concurrent;
using System.Globalization;
using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Registry;
using UapiLab.TestKit.Fakes;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Checking.Mutants;

/// <summary>What defects that nobody thought of say about the properties.</summary>
public sealed class MutantTests
{
    private const string Document = "docs/mutants.md";

    /// <summary>Exhausts every instance but the largest of multi-bit and async-hint, and two vCPUs under
    /// weak.</summary>
    private const long MaxStates = 100_000;

    /// <summary>All but the one with the fewest states are left to <see cref="Repeats"/>.</summary>
    public static TheoryData<string> Specs =>
        [.. Survivors.All.Keys.Where(spec => Repeats.AreWanted || spec == "single-bit")];

    [Theory]
    [MemberData(nameof(Specs))]
    public void Every_mutant_is_found_or_its_survival_explained(string spec)
    {
        var encoding = Resolve(spec);
        var trials = new MutantTrials(encoding, new() { MaxStates = MaxStates });
        var fates = Partitioner.Create(Mutants.Of(encoding).ToArray(), loadBalance: true).AsParallel().AsOrdered()
            .WithDegreeOfParallelism(2).Select(trials.Try).ToArray();

        Assert.Equal(Survivors.All[spec].Keys.Order(StringComparer.Ordinal),
            fates.Where(f => f.FoundBy is null).Select(f => f.Mutant.Description).Order(StringComparer.Ordinal));
        GeneratedDoc.Check(Document, spec, Tables(fates, trials, Survivors.All[spec]));
    }

    [Fact]
    public void Instances_are_documented() => GeneratedDoc.Check(Document, "instances",
    [
        "| instance | vCPUs x tasks x frames | order | tried on it | free besides the VMM's policy and the order of "
            + "everything |",
        "| --- | --- | --- | --- | --- |",
        .. from kinds in new[] { new[] { MutantKind.Dropped, MutantKind.Delayed }, [MutantKind.Weakened] }
           from instance in Mutants.InstancesFor(kinds[0])
           let tried = string.Join(", ", kinds.Select(k => k.ToString().ToLowerInvariant()))
           select $"| `{instance.Name}` | {instance.Vcpus} x {instance.TasksPerVcpu} x {instance.Gfns} | "
               + $"{instance.Order.ToString().ToLowerInvariant()} | {tried} | {Free(instance)} |",
    ]);

    [Theory]
    [MemberData(nameof(Specs))]
    public void Watching_changes_nothing(string spec)
    {
        var original = Resolve(spec);
        var watched = new MutantEncoding(original, new SiteRecorder(), "nothing changed");
        foreach (var instance in Mutants.InstancesFor(MutantKind.Dropped).Where(i => i.Name != "re-armed-frames"))
        {
            Assert.Equal(Shape(original, instance), Shape(watched, instance));
        }
    }

    /// <summary>A write put off across the rounds of a loop, in runs that stop and go on again everywhere.</summary>
    [Theory]
    [InlineData("single-bit", "VMM OnContentArrived: fetch_and userfault_bitmap #1 delayed", null)]
    [InlineData("async-hint", "VMM OnContentArrived: fetch_and userfault_bitmap #1 delayed", null)]
    [InlineData("async-hint", "KVM OnIoctl KVM_ASYNC_PF KVM_APF_OP_READY: store apf_state #1 dropped",
        "unmatched-ready")]
    public void Reductions_change_no_verdict(string spec, string description, string? foundBy)
    {
        var mutant = Mutants.Of(Resolve(spec)).Single(m => m.Description == description);
        foreach (var instance in Mutants.InstancesFor(mutant.Kind).Where(i => i.Name is "one-vcpu"))
        {
            foreach (var reduced in new[] { instance, instance with { CoalescesInvisible = false },
                instance with { Symmetric = false } })
            {
                var result =
                    Checker.Run(mutant.Encoding, reduced, new() { MaxStates = MaxStates, Liveness = true }).Result;
                Assert.Equal(foundBy,
                    result.Properties.FirstOrDefault(p => p.Verdict == PropertyVerdict.Broken)?.Property.Name);
                Assert.True(foundBy is not null || result.IsExhausted);
            }
        }
    }

    [Fact]
    public void A_break_is_reported_though_the_bounds_forbid_to_tell_it()
    {
        // Loops of a delaying mutant carry a word that does not say what it names: to tell its history, names have to
        // be kept, and with them kept there are more states.
        var instance = Mutants.InstancesFor(MutantKind.Delayed).Single(i => i.Name == "re-armed-frames") with
        {
            RearmBy = RearmWay.Memslot,
        };
        var outcome = Checker.Run(Mutated("multi-bit", "VMM OnArm: cmpxchg userfault_state #1 delayed"), instance,
            new() { MaxStates = 75_000 });
        Assert.True(outcome.IsBroken);
        Assert.Empty(outcome.Histories);
    }

    [Fact]
    public void A_dropped_access_does_nothing()
    {
        Assert.Equal(["FetchOr", "Fence"], AccessesOfArm(Resolve("single-bit")));
        Assert.Equal(["Load", "Fence"],
            AccessesOfArm(Mutated("single-bit", "VMM OnArm: fetch_or userfault_bitmap #1 dropped")));
    }

    [Fact]
    public void A_delayed_write_comes_after_the_next_access() =>
        Assert.Equal(["Load", "Fence", "FetchOr"],
            AccessesOfArm(Mutated("single-bit", "VMM OnArm: fetch_or userfault_bitmap #1 delayed")));

    [Fact]
    public void A_write_delayed_across_a_loop_happens_once_at_the_end()
    {
        var world = new FakeWorld(Mutated("single-bit", "VMM OnContentArrived: fetch_and userfault_bitmap #1 delayed"));
        world.Vmm.AddWaiter(new Gfn(3), new Waiter(0, 1));
        world.Calls.Clear();
        world.VmmHalf.OnContentArrived(world.Vmm, new Gfn(3));
        Assert.Equal("FetchAnd", world.Calls[^1]);
        Assert.Single(world.Calls, "FetchAnd");
    }

    [Fact]
    public void A_weakened_fence_is_none_and_a_weakened_access_is_relaxed()
    {
        var world = new FakeWorld(Mutated("single-bit", "VMM OnArm: fence #1 weakened"));
        world.VmmHalf.OnArm(world.Vmm, new ArmRequest(new Gfn(1), 1, Prediction.Sync));
        Assert.DoesNotContain("Fence", world.Calls);

        world = new(Mutated("single-bit", "VMM OnContentArrived: fetch_and userfault_bitmap #1 weakened"));
        world.VmmHalf.OnContentArrived(world.Vmm, new Gfn(1));
        Assert.Equal(MemoryOrder.Relaxed, Assert.Single(world.Accesses, a => a.Call == "FetchAnd").Order);
    }

    private static IEnumerable<string> AccessesOfArm(Encoding encoding)
    {
        var world = new FakeWorld(encoding);
        world.VmmHalf.OnArm(world.Vmm, new ArmRequest(new Gfn(1), 1, Prediction.Sync));
        return world.Calls;
    }

    private static Encoding Mutated(string spec, string description) =>
        Mutants.Of(Resolve(spec)).Single(m => m.Description == description).Encoding;

    private static Encoding Resolve(string spec) => new EncodingRegistry(BuiltInEncodings.All).Resolve(spec);

    private static (long, long, int) Shape(Encoding encoding, CheckInstance instance)
    {
        var result = Checker.Run(encoding, instance, new()).Result;
        Assert.True(result.IsExhausted);
        return (result.States, result.Transitions, result.Depth);
    }

    private static IEnumerable<string> Tables(MutantFate[] fates, MutantTrials trials,
        IReadOnlyDictionary<string, string> reasons)
    {
        var survivors = fates.Where(f => f.FoundBy is null).ToArray();
        yield return Text($"{fates.Length} mutants, {fates.Length - survivors.Length} found.");
        yield return "";
        yield return "| found by | smallest instance (states of the original) | dropped | delayed | weakened "
            + "| one of them |";
        yield return "| --- | --- | --- | --- | --- | --- |";
        foreach (var group in fates.Where(f => f.FoundBy is not null).GroupBy(f => (f.FoundBy, On: f.On!))
            .OrderBy(g => g.Key.FoundBy, StringComparer.Ordinal).ThenBy(g => trials.StatesOn(g.Key.On)))
        {
            int Count(MutantKind kind) => group.Count(f => f.Mutant.Kind == kind);
            yield return Text($"| {group.Key.FoundBy} | `{group.Key.On}` ({trials.StatesOn(group.Key.On)}) | ")
                + Text($"{Count(MutantKind.Dropped)} | {Count(MutantKind.Delayed)} | {Count(MutantKind.Weakened)} | ")
                + $"{group.First().Mutant.Description} |";
        }

        yield return "";
        yield return "| survivor | why |";
        yield return "| --- | --- |";
        foreach (var fate in survivors)
        {
            var bound = fate.Undecided.Count == 0 ? ""
                : Text($" (`{string.Join("`, `", fate.Undecided)}` searched to {MaxStates} states)");
            yield return $"| {fate.Mutant.Description} | {reasons[fate.Mutant.Description]}{bound} |";
        }
    }

    private static string Free(CheckInstance instance)
    {
        var environment = instance.Environment;
        string[] free =
        [
            .. instance.Modes.Contains(GuestStepFlags.Kernel) ? ["CPL 0"] : Array.Empty<string>(),
            .. instance.Modes.Contains(GuestStepFlags.DisableApf) ? ["the guest disables APF"] : Array.Empty<string>(),
            .. environment.HostileActs > 0 ? ["a hostile act of userspace"] : Array.Empty<string>(),
            .. instance.Rearms > 0 ? ["one round of re-arming"] : Array.Empty<string>(),
            .. environment.Resets > 0 ? ["an INIT resets the vCPU"] : Array.Empty<string>(),
            .. environment.Signals > 0 ? ["EINTR"] : Array.Empty<string>(),
            .. environment.RefusedInjections > 0 ? ["a refused injection"] : Array.Empty<string>(),
            .. environment.FailedCopies > 0 ? ["a failed copy"] : Array.Empty<string>(),
            .. environment.CarelessReentries > 0 ? ["a careless re-entry"] : Array.Empty<string>(),
            .. environment.RepeatedIoctls > 0 ? ["an ioctl issued twice"] : Array.Empty<string>(),
            .. instance.ApfLimit < 2 ? ["queue limit 1"] : Array.Empty<string>(),
        ];
        return free.Length == 0 ? "nothing" : string.Join(", ", free);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
