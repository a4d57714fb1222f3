using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Tests.Machines.Broken;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>The list of seeded defects says what is true: their controls are right, and those that a simulation can
/// find are found by the property that the list names.</summary>
public sealed class SeededDefectTests
{
    /// <summary>Found by simulation, and where if not everywhere. The others are for a checker: see
    /// HandMadeScheduleTests, and those that need a memory order.</summary>
    public static TheoryData<string, int, string> Simulated => new()
    {
        { "clear-at-exit", 5, "" },
        { "clear-at-fetch", 5, "" },
        { "never-ready", 5, "" },
        { "double-ready", 5, "" },
        { "wrong-frame", 5, "" },
        { "no-auto-completion", 5, "" },
        { "accepts-first", 5, "" },
        { "clear-in-two", 60, "re-arm:vcpus=4,pages=200,passes=5,shared=on,policy=wait(100us)" },
        { "ring-clear-in-two", 10, "" },
        { "early-wake-ignored", 5, "" },
        { "token-reuse", 5, "" },
        { "beyond-the-limit", 5, "" },
        { "interrupts-off", 5, "" },
        { "no-sequence-recheck", 40, Trouble.OftenRearmed },
        { "no-zap", 5, Trouble.ByMemslot },
        { "never-clears", 5, "" },
        { "undeclared-errno", 5, "" },
    };

    public static TheoryData<string, string> Controls
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var family in BrokenEncodings.Controls)
            {
                data.Add(family.Id, "");
            }

            foreach (var defect in SeededDefects.All.Where(d => d.ControlBrokenRule is not null))
            {
                data.Add(defect.Control!.Id, defect.ControlBrokenRule!);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Simulated))]
    public void The_named_property_sees_it(string id, int seeds, string workload)
    {
        var defect = SeededDefects.All.Single(d => d.Id == id);
        var seen = Trouble.Seen(defect.Family.With(), RuleSet.Parse(defect.BrokenRule), seeds, workload == ""
            ? Trouble.Workloads : [workload]);
        Assert.True(seen[(int)MachineProperty.Of(defect.FoundBy).Violation!] > 0, string.Join(',', seen));
    }

    [Theory]
    [MemberData(nameof(Controls))]
    public void A_control_is_sound(string id, string brokenRule)
    {
        // What is discarded without an invalidation is unmapped by the memslot update that follows, if one does.
        var workloads = brokenRule == "M6Discard"
            ? Trouble.Workloads.Where(w => w == Trouble.ByMemslot || !w.StartsWith("re-arm", StringComparison.Ordinal))
            : Trouble.Workloads;
        var seen = Trouble.Seen(BrokenEncodings.Controls.Single(f => f.Id == id).With(), RuleSet.Parse(brokenRule),
            Repeats.AreWanted ? 50 : 15, workloads);
        Assert.True(seen.All(count => count == 0), string.Join(',', seen));
    }

    [Fact]
    public void What_kvm_may_not_know_is_refused()
    {
        foreach (var defect in SeededDefects.All.Where(d => d.FoundBy == SeededDefects.Load))
        {
            Assert.Throws<InputException>(() => new EncodingRegistry([defect.Family]));
            Assert.All(defect.Family.Combinations(),
                variant => Assert.Throws<InputException>(() => HalfInspector.Check(variant)));
        }

        foreach (var defect in SeededDefects.All.Where(d => d.FoundBy == SeededDefects.Knowledge))
        {
            Assert.NotEmpty(new EncodingRegistry([defect.Family]).Families); // nothing wrong with its types
            Assert.Throws<EncodingDefectException>(() => RunToTheEnd(defect.Family.With()));
        }
    }

    [Fact]
    public void The_list_is_complete()
    {
        var all = SeededDefects.All;
        Assert.Distinct(all.Select(d => d.Id));
        Assert.Equal(
            ["errno-contract", "illegal-injection", "knowledge", "livelock", "load", "lost-wakeup", "queue-limit",
                "unmatched-ready", "unpopulated-read"],
            all.Select(d => d.FoundBy).Distinct().Order(StringComparer.Ordinal));
        Assert.All(all, defect =>
        {
            Assert.NotEqual(MemoryOrderings.None, defect.FoundUnder);
            var runs = defect.FoundBy is not (SeededDefects.Load or SeededDefects.Knowledge);
            Assert.Equal(runs, defect.Control is not null);
            Assert.Equal(RuleSet.Parse(defect.BrokenRule),
                RuleSet.Parse(defect.BrokenRule) | RuleSet.Parse(defect.ControlBrokenRule));
            Assert.True(!runs || defect.Family.Id != defect.Control!.Id
                || RuleSet.Parse(defect.BrokenRule) != RuleSet.Parse(defect.ControlBrokenRule), defect.Id);
        });

        // Every encoding that is wrong is somebody's defect.
        var listed = all.Select(d => d.Family.Id).ToHashSet();
        var wrong = BrokenEncodings.All.Select(f => f.Id).Except(BrokenEncodings.Controls.Select(f => f.Id));
        Assert.All(wrong, id => Assert.Contains(id, listed));
    }

    [Fact]
    public void No_option_of_a_workload_breaks_a_rule()
    {
        Assert.All(Trouble.Workloads,
            text => Assert.Equal(RuleSet.None,
            Harness.Simulation.Workloads.WorkloadCatalog.BuiltIn.Resolve(text).Config.Broken));
    }

    private static void RunToTheEnd(Encoding encoding)
    {
        using var hand = new HandMachine(encoding, RuleSet.None, vcpus: 1, [HandMachine.Touch(0)]);
        hand.RunAll();
    }
}
