using FsCheck;
using FsCheck.Fluent;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;

namespace UapiLab.Harness.Tests.Checking.Histories;

public sealed class HistoryDiagramTests
{
    [Fact]
    public void Lanes_are_parties_and_what_passes_between_them_is_an_arrow()
    {
        var diagram = HistoryDiagram.Of(SampleHistory.FourLanes);

        Assert.Equal(
            [
                "guest, vCPU 0", "KVM, vCPU 0", "VMM, vCPU 0", "guest, vCPU 1", "I/O thread 0", "KVM worker",
            ],
            diagram.Lanes.Select(l => l.Name(diagram.History)));
        Assert.Equal(
            [
                "1 Trap 0>1 kvm_page_fault gfn 1", "3 Exit 1>2 exit: kvm_userspace_exit gfn 1",
                "7 Ioctl 4>1 ioctl KVM_ASYNC_PF", "11 Wake 5>3 wakes it",
            ],
            Arrows(diagram));
        Assert.Equal(["gfn 1", "userfault_bitmap[0]", "gfn 0", "content[gfn 1]", "token 0x1000"], diagram.Topics);
        Assert.Equal([new("userfault_bitmap[0]", "0x2"), new("content[gfn 1]", "no")], diagram.Words);
    }

    [Fact]
    public void Found_histories_have_arrows_of_each_kind_that_their_machine_has()
    {
        var kinds = FoundHistories.Names.Select(n => HistoryDiagram.Of(FoundHistories.Get(n.Data).History))
            .SelectMany(d => d.Steps).SelectMany(s => s.Arrows).Select(a => a.Kind).ToHashSet();

        // Their encodings have no ioctl, no eventfd, and nothing that another thread waits for.
        Assert.Equal([ArrowKind.Ioctl, ArrowKind.Eventfd, ArrowKind.Wake], Enum.GetValues<ArrowKind>().Except(kinds));
    }

    [Theory]
    [MemberData(nameof(FoundHistories.Names), MemberType = typeof(FoundHistories))]
    public void What_decides_is_never_folded_and_folds_hold_whole_runs(string name)
    {
        var diagram = HistoryDiagram.Of(FoundHistories.Get(name).History);

        Assert.Equal(diagram.History.Steps, diagram.Steps.Select(s => s.Step));
        Assert.All(diagram.Steps.Where(s => s.Step.Number == diagram.History.InevitableFrom
            || s.Step.Number == diagram.Violation), s => Assert.Equal(0, s.Fold));
        Assert.All(diagram.Folds.Index(), f => Assert.Equal(
            Enumerable.Range(f.Item.First, f.Item.Last - f.Item.First + 1),
            diagram.Steps.Where(s => s.Fold == f.Index + 1).Select(s => s.Step.Number)));
        Assert.Equal(1, diagram.Folds[0].First); // the boot
        Assert.All(diagram.Steps.SelectMany(s => s.Arrows), a =>
        {
            Assert.NotEqual(a.From, a.To);
            Assert.InRange(a.From, 0, diagram.Lanes.Count - 1);
            Assert.InRange(a.To, 0, diagram.Lanes.Count - 1);
        });
    }

    [Fact]
    public void A_load_points_at_the_store_it_reads_once_for_a_reader()
    {
        var history = Of(
            (0, "load w[0] = 0x0", []),
            (1, "store w[0] := 0x1", [new("w[0]", "0x0", "0x1")]),
            (0, "load w[0] = 0x1", []),
            (0, "load w[0] = 0x1", []),
            (1, "load w[0] = 0x1", []),
            (1, "fetch_or w[0] with 0x2: 0x1 -> 0x3", [new("w[0]", "0x1", "0x3")]),
            (0, "xchg w[0] with 0x0: 0x3 -> 0x0", [new("w[0]", "0x3", "0x0")]),
            (1, "load w[0] = 0x0", []));

        Assert.Equal(
            [
                "3 Word 1>0 w[0] = 0x1, stored in 2", "7 Word 1>0 w[0] = 0x3, stored in 6",
                "8 Word 0>1 w[0] = 0x0, stored in 7",
            ],
            Arrows(HistoryDiagram.Of(history)));
    }

    [Fact]
    public void A_buffered_store_is_read_from_the_step_that_made_it()
    {
        var history = Of(
            (1, "store w[0] := 0x1", []),
            (1, "a buffered store becomes visible", [new("w[0]", "0x0", "0x1")]),
            (0, "load w[0] = 0x1", []));
        history = history with
        {
            Steps =
            [
                .. history.Steps.Select(s =>
                    s.Number == 2 ? s with { Scheduled = new(StepKind.Commit, 1, [0]) } : s),
            ],
        };

        Assert.Equal(["3 Word 1>0 w[0] = 0x1, stored in 1"], Arrows(HistoryDiagram.Of(history)));
    }

    [Fact]
    public void A_signal_of_an_eventfd_points_at_who_reads_it()
    {
        var history = Of((0, "signal eventfd 0", []), (1, "read eventfd 0 = 1", []));

        Assert.Equal(["1 Eventfd 0>1 signal eventfd 0"], Arrows(HistoryDiagram.Of(history)));
    }

    [Fact]
    public void A_thread_on_which_the_end_does_not_depend_is_folded_though_it_reads_what_others_store()
    {
        var history = Of(
            (0, "store w[0] := 0x1", [new("w[0]", "0x0", "0x1")]),
            (1, "load w[0] = 0x1", []),
            (0, "store w[0] := 0x2", [new("w[0]", "0x1", "0x2")]));
        history = history with { InevitableFrom = 3 };

        Assert.Equal([0, 1, 0], HistoryDiagram.Of(history).Steps.Select(s => s.Fold));

        // It is not, once the other reads what it stores.
        history = Of(
            (0, "store w[0] := 0x1", [new("w[0]", "0x0", "0x1")]),
            (1, "store w[0] := 0x2", [new("w[0]", "0x1", "0x2")]),
            (0, "load w[0] = 0x2", []));
        history = history with { InevitableFrom = 3 };
        Assert.Empty(HistoryDiagram.Of(history).Folds);
    }

    [FsCheck.Xunit.Property(MaxTest = 300)]
    public Property Whatever_a_history_holds_it_has_a_diagram() => Prop.ForAll(Histories.Any(), history =>
        HistoryDiagram.Of(history).Steps.Select(s => s.Step).SequenceEqual(history.Steps));

    private static IEnumerable<string> Arrows(HistoryDiagram diagram) =>
        from step in diagram.Steps
        from arrow in step.Arrows
        select Invariant($"{step.Step.Number} {arrow.Kind} {arrow.From}>{arrow.To} {arrow.Text}");

    /// <summary>Steps of two threads that are no vCPUs.</summary>
    private static History Of(params (int Lane, string Text, FieldChange[] Changes)[] steps) =>
        SampleHistory.FourLanes with
        {
            Lanes = ["I/O thread 0", "I/O thread 1"],
            Steps = [.. steps.Select((s, i) => new HistoryStep(i + 1, new(StepKind.Step, s.Lane, []), s.Lane, s.Text,
                null, null, s.Changes, []))],
            InevitableFrom = 0,
            Waiting = [],
        };
}
