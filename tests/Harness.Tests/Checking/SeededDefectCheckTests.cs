using System.Collections.Concurrent;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>The checker finds every seeded defect by the property meant for it, and finds nothing in what differs from
/// it in the one thing.</summary>
public sealed class SeededDefectCheckTests
{
    /// <summary>Enough to exhaust every instance below; a search that hits it fails the test.</summary>
    private const long MaxStates = 3_000_000;

    /// <summary>Under weak only the small ones: elsewhere it adds states and no question.</summary>
    private static readonly string[] s_weak = ["relaxed-publish"];

    /// <summary>Several defects differ from one control, on one machine: that is searched once.</summary>
    private static readonly ConcurrentDictionary<string, Lazy<CheckOutcome>> s_controls = new();

    /// <summary>Store buffers where they make a difference; elsewhere they repeat what sc shows, and are left to
    /// <see cref="Repeats"/>.</summary>
    public static TheoryData<string, MemoryOrdering> Cases
    {
        get
        {
            var cases = new TheoryData<string, MemoryOrdering>();
            foreach (var defect in SeededDefects.All.Where(d => d.Control is not null))
            {
                cases.Add(defect.Id, MemoryOrdering.Sc);
                if (Repeats.AreWanted || defect.FoundUnder.HasFlag(MemoryOrderings.Sc)
                    != defect.FoundUnder.HasFlag(MemoryOrderings.Tso))
                {
                    cases.Add(defect.Id, MemoryOrdering.Tso);
                }

                if (s_weak.Contains(defect.Id))
                {
                    cases.Add(defect.Id, MemoryOrdering.Weak);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Is_found_by_its_property_where_it_can_be(string id, MemoryOrdering order)
    {
        var defect = SeededDefects.All.Single(d => d.Id == id);
        var outcome = Run(defect, defect.Family, defect.BrokenRule, order);
        var broken = outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken)
            .Select(p => p.Property.Name).ToArray();
        if (defect.FoundUnder.HasFlag(Enum.Parse<MemoryOrderings>(order.ToString())))
        {
            Assert.Contains(defect.FoundBy, broken);
            Assert.Contains(outcome.Histories, h => h.Property == defect.FoundBy && h.Steps.Count > 0);
        }
        else
        {
            Assert.Empty(broken);
            Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Its_control_passes(string id, MemoryOrdering order)
    {
        var defect = SeededDefects.All.Single(d => d.Id == id);
        var machine = Smallest(defect);
        var outcome = s_controls.GetOrAdd(
            $"{defect.Control!.Id} {defect.ControlBrokenRule} {order} {machine} {string.Join(',', machine.Modes)}"
                + $" {defect.FoundBy == SeededDefects.Livelock}",
            _ => new(() => Run(defect, defect.Control, defect.ControlBrokenRule, order))).Value;
        Assert.DoesNotContain(outcome.Result.Properties, p => p.Verdict == PropertyVerdict.Broken);
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
    }

    private static CheckOutcome Run(SeededDefect defect, IEncodingFamily family, string? rules, MemoryOrdering order) =>
        Checker.Run(family.With(), Smallest(defect) with { Order = order, Broken = RuleSet.Parse(rules) },
            new SearchOptions
            {
                MaxStates = MaxStates,
                Threads = 2,
                Liveness = defect.FoundBy == SeededDefects.Livelock
            });

    /// <summary>The smallest machine that can show it.</summary>
    internal static CheckInstance Smallest(SeededDefect defect)
    {
        bool Needs(DefectNeeds need) => (defect.Needs & need) != 0;
        var isWide = Needs(DefectNeeds.TwoTasksTwoFrames) || Needs(DefectNeeds.MoreTasksThanApfs);
        return new()
        {
            Name = "smallest",
            Vcpus = Needs(DefectNeeds.TwoFaultersOfOneFrame) ? 2 : 1,
            Gfns = isWide ? 2 : 1,
            TasksPerVcpu = isWide ? 2 : 1,
            ApfLimit = Needs(DefectNeeds.MoreTasksThanApfs) ? 1 : 2,
            Prefetcher = false,
            Rearms = Needs(DefectNeeds.Rearming | DefectNeeds.RearmingByMemslot) ? 1 : 0,
            RearmBy = Needs(DefectNeeds.RearmingByMemslot) ? RearmWay.Memslot : RearmWay.Discard,
            Environment = new(),
            Modes = Needs(DefectNeeds.InterruptsOff) ? [GuestStepFlags.None, GuestStepFlags.InterruptsOff]
                : Needs(DefectNeeds.TwoPublishers) ? [GuestStepFlags.None, GuestStepFlags.Kernel]
                : [GuestStepFlags.None],
        };
    }
}
