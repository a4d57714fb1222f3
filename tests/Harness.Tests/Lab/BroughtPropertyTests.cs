using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Lab;

/// <summary>Properties that somebody brings: they see what the checker's own see, whatever is reduced.</summary>
public sealed class BroughtPropertyTests
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    [Fact]
    public void What_a_property_may_watch_is_one_event_of_the_machine_each() =>
        Assert.Equal(Enum.GetValues<RunEventKind>(), Enum.GetValues<MachineEventKind>()
            .Select(kind => kind.Row().Public).OfType<RunEventKind>().Order());

    [Theory]
    [RepeatData("single-bit", "quick")]
    [InlineData("async-hint:inject=at-fault", "careless:vcpus=1")]
    [RepeatData("async-hint", "careless:vcpus=1")]
    [RepeatData("exitless:ring=1", "quick:vcpus=1")]
    [RepeatData("multi-bit", "queue:tasks=2,gfns=2")]
    public void Say_what_the_checkers_own_say(string encoding, string instance)
    {
        (RunEventKind Kind, string Own)[] same =
        [
            (RunEventKind.ApfHalt, "vcpu-halted"), (RunEventKind.KvmAsyncPfRepeatedFault, "repeated-fault"),
                (RunEventKind.ApfQueueFull, "queue-full"),
            (RunEventKind.RunInterrupted, "eintr"), (RunEventKind.ReadyWithoutPage, "empty-ready"),
                (RunEventKind.KvmAsyncPfNotPresent, "apf-injected"),
        ];
        var result =
            Check(encoding, instance, [.. same.Select(s => new After(s.Kind, s.Kind, times: 1, isNever: false))]);

        Assert.True(result.Result.IsExhausted);
        foreach (var (kind, own) in same)
        {
            Assert.Equal(Verdict(result, own), Verdict(result, $"{kind}-{kind}-1".ToLowerInvariant()));
        }
    }

    /// <summary>Orders of what different actors do: taking steps together that nobody notices must not hide one, and
    /// taking each alone must not show another.</summary>
    [Theory]
    [InlineData("single-bit", "tasks:vcpus=1")]
    [RepeatData("async-hint", "frames:vcpus=1")]
    [RepeatData("exitless:ring=1", "quick:vcpus=1")]
    public void See_every_order_with_and_without_reduction(string encoding, string instance)
    {
        RunEventKind[] kinds = [RunEventKind.KvmPageFault, RunEventKind.KvmUserspaceExit, RunEventKind.FetchIssued,
            RunEventKind.GuestNotPresent, RunEventKind.KvmEntry];
        IProperty[] orders =
            [.. from first in kinds from last in kinds where first != last
                select new InARow(first, RunEventKind.PagePlaced, last)];
        var reduced = Check(encoding, instance, orders);
        var whole = Check(encoding, instance, orders, fuses: false);

        Assert.Equal((null, null), (reduced.Result.Bound, whole.Result.Bound));
        Assert.True(reduced.Result.States < whole.Result.States);
        Assert.Equal(whole.Result.Properties.Select(p => (p.Property.Name, p.Verdict)),
            reduced.Result.Properties.Select(p => (p.Property.Name, p.Verdict)));
        Assert.Contains(orders, o => Verdict(reduced, o.Name) == PropertyVerdict.Seen);
    }

    [Fact]
    public void A_broken_one_has_a_history_that_replays_without_it()
    {
        var outcome =
            Check("single-bit", "tasks:vcpus=1",
                [new After(RunEventKind.KvmUserspaceExit, RunEventKind.KvmUserspaceExit, times: 2, isNever: true)]);
        var history = Assert.Single(outcome.Histories);
        Assert.Equal("kvmuserspaceexit-kvmuserspaceexit-2", history.Property);
        Assert.Equal(2,
            history.Steps.Sum(s => s.Events.Count(e => e.StartsWith("kvm_userspace_exit", StringComparison.Ordinal))));
        Assert.Contains(history.Steps[^1].Events, e => e.StartsWith("kvm_userspace_exit", StringComparison.Ordinal));
        Assert.Equal(history.Steps.Count, Replay.Run("x", history, s_registry.Resolve("single-bit")).Steps.Count);
    }

    [Fact]
    public void What_one_throws_is_told_with_its_name()
    {
        var thrown = Assert.ThrowsAny<Exception>(() => Check("single-bit", "tasks:vcpus=1", [new Throws()]));
        var told = thrown is AggregateException many ? many.Flatten().InnerExceptions[0] : thrown;
        Assert.Equal("property throws threw NotSupportedException: no", told.Message);
    }

    [Fact]
    public void Walks_see_them_too()
    {
        var instance =
            CheckInstance.Quick with
            {
                Watched =
                [new After(RunEventKind.KvmUserspaceExit, RunEventKind.KvmUserspaceExit, times: 2, isNever: true)]
            };
        var (walks, history) = Checker.Walk(s_registry.Resolve("single-bit"), instance,
            new(Runs: 1_000, Steps: 200, Seed: 1, ChangePoints: -1, Threads: 1), () => false);
        Assert.True(walks.FirstBroken >= 0);
        Assert.Equal("kvmuserspaceexit-kvmuserspaceexit-2", history!.Property);
    }

    private static CheckOutcome Check(string encoding, string instance, IReadOnlyList<IProperty> properties,
        bool fuses = true) => Checker.Run(
        s_registry.Resolve(encoding),
        CheckInstance.Resolve(instance) with { Watched = properties, CoalescesInvisible = fuses },
        new() { Threads = 2, MaxStates = 3_000_000 });

    private static PropertyVerdict Verdict(CheckOutcome outcome, string property) =>
        outcome.Result.Properties.Single(p => p.Property.Name == property).Verdict;

    /// <summary>The second kind of event for the n-th time in a run, if the first kind came last before it among the
    /// two.</summary>
    private sealed class After(RunEventKind first, RunEventKind second, int times, bool isNever) : IProperty
    {
        private readonly RunEventKind _first = first;
        private readonly RunEventKind _second = second;
        private readonly int _times = times;
        private readonly bool _isNever = isNever;

        public string Name => $"{_first}-{_second}-{_times}".ToLowerInvariant();

        public string Doc => $"{_second} number {_times}, right after {_first}.";

        public string Outcome => Doc;

        public bool IsNever => _isNever;

        public IReadOnlyList<RunEventKind> Watches => [_first, _second];

        public bool Shows(in RunEvent e, ref ulong memory)
        {
            var (count, after) = ((int)(memory >> 1), (memory & 1) != 0 || _first == _second);
            count += e.Kind == _second && count < 8 ? 1 : 0;
            memory = ((ulong)count << 1) | (e.Kind == _first ? 1UL : 0);
            return e.Kind == _second && count == _times && after;
        }
    }

    /// <summary>Three kinds of events one after the other, others of these kinds not between them.</summary>
    private sealed class InARow(RunEventKind first, RunEventKind second, RunEventKind third) : IProperty
    {
        private readonly RunEventKind _first = first;
        private readonly RunEventKind _second = second;
        private readonly RunEventKind _third = third;

        public string Name => $"{_first}-{_second}-{_third}".ToLowerInvariant();

        public string Doc => $"{_first}, {_second} and {_third} in a row.";

        public string Outcome => Doc;

        public bool IsNever => false;

        public IReadOnlyList<RunEventKind> Watches => [_first, _second, _third];

        public bool Shows(in RunEvent e, ref ulong memory)
        {
            var shown = memory == 2 && e.Kind == _third;
            memory = memory == 1 && e.Kind == _second ? 2UL : e.Kind == _first ? 1UL : 0;
            return shown;
        }
    }

    private sealed class Throws : IProperty
    {
        public string Name => "throws";

        public string Doc => "";

        public string Outcome => "";

        public bool IsNever => true;

        public IReadOnlyList<RunEventKind> Watches => [RunEventKind.KvmUserspaceExit];

        public bool Shows(in RunEvent e, ref ulong memory) => throw new NotSupportedException("no");
    }
}
