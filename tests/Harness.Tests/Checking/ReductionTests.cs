using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Tests.Checking.Search;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>What the search sees of an encoding does not depend on what makes it small, and a second engine without
/// any of it sees the same (docs/reductions.md).</summary>
public sealed class ReductionTests
{
    private const string TwoVcpus = "two vCPUs";
    private const string Tso = " under tso";

    /// <summary>The second engine goes no further where it cannot come to an end.</summary>
    private const int NaiveStates = 40_000;

    private static readonly string[] s_encodings =
    [
        "never-async", "single-bit", "single-bit:variant=as-posted", "multi-bit", "async-hint:inject=at-fault",
        "async-hint", "exitless:ring=1",
    ];

    /// <summary>Each looks for something else: what READY may meet after APF was turned off, arming while the guest
    /// runs, two frames in a word, an enemy, a reset, and names of vCPUs.</summary>
    private static readonly string[] s_instances =
    [
        "teardown:vcpus=1,tasks=1", "re-arm:vcpus=1,tasks=1", "re-arm-early:tasks=1", "re-arm-frames:vcpus=1",
        "hostile:tasks=1", "reset:tasks=1", TwoVcpus, "teardown:vcpus=1,tasks=1" + Tso, "re-arm-early:tasks=1" + Tso,
    ];

    private static readonly CheckInstance s_twoVcpus = new()
    {
        Name = TwoVcpus,
        Gfns = 1,
        TasksPerVcpu = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
    };

    private static readonly Func<(string Encoding, string Instance), Row> s_row =
        Once.For(((string Encoding, string Instance) of) => Row.Of(of.Encoding, of.Instance));

    public static IEnumerable<TheoryDataRow<string, string>> Rows =>
        from instance in s_instances
        from encoding in s_encodings
        where instance == s_instances[0] || encoding != "exitless:ring=1" // too large without reductions
        select new TheoryDataRow<string, string>(encoding, instance)
        {
            Skip = Repeats.AreWanted || (instance == s_instances[0] && encoding != "async-hint") ? null
                : Repeats.Reason,
        };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_way_of_searching_sees_the_same(string encoding, string instance)
    {
        var row = s_row((encoding, instance));
        Assert.True(row.Observed != 0 || encoding == "never-async");
        Assert.All(row.Others, other => Assert.Equal(row.Words(row.Observed), row.Words(Row.Of(other))));
        Assert.Equal("", row.Words(row.Naive & ~row.Observed));
        if (row.NaiveIsWhole)
        {
            Assert.Equal(row.Words(row.Observed), row.Words(row.Naive));
        }
    }

    [Fact]
    public void The_table_is_current()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        var rows = Rows.Select(r => s_row((r.Data.Item1, r.Data.Item2))).ToArray();
        Assert.Contains(rows, r => r.NaiveIsWhole);
        GeneratedDoc.Check("docs/reductions.md", "ways of searching",
        [
            "| instance | encoding | all reductions | no symmetry | no fused steps | neither | second engine | seen |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            .. rows.Select(r => r.ToString()),
        ]);
    }

    /// <summary>What a partial-order reduction could do: even with the whole graph known beforehand, it could not
    /// make the states five times fewer.</summary>
    [Fact]
    public void What_partial_order_reduction_could_save_is_written_down()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        var rows = new List<string>();
        string[] instances = ["re-arm:vcpus=1,tasks=1", TwoVcpus];
        string[] encodings = ["single-bit", "multi-bit", "async-hint"];
        foreach (var (instance, encoding) in instances.SelectMany(i => encodings.Select(e => (i, e))))
        {
            var bound = new PartialOrderBound(new MachineModel(
                new EncodingRegistry(BuiltInEncodings.All).Resolve(encoding),
                MachineOf(instance) with { Symmetric = false }));
            var (states, transitions) = bound.Least();
            Assert.InRange(states, bound.States / 5, bound.States - 1);
            rows.Add(Invariant($"| {instance} | {encoding} | {bound.States:N0} | {states:N0} | ")
                + Invariant($"{bound.Transitions:N0} | {transitions:N0} |"));
        }

        GeneratedDoc.Check("docs/reductions.md", "partial-order reduction",
        [
            "| instance | encoding | states | at best | transitions | at best |",
            "| --- | --- | --- | --- | --- | --- |",
            .. rows,
        ]);
    }

    private static CheckInstance MachineOf(string instance) => instance == TwoVcpus ? s_twoVcpus
        : instance.EndsWith(Tso, StringComparison.Ordinal)
            ? CheckInstance.Resolve(instance[..^Tso.Length]) with { Order = MemoryOrdering.Tso }
        : CheckInstance.Resolve(instance);

    /// <summary>An encoding on an instance, searched in every way.</summary>
    private sealed class Row
    {
        private readonly string _names;

        private Row(string names, SearchResult reduced, SearchResult[] others, NaiveSearch naive, bool isWhole)
        {
            _names = names;
            Reduced = reduced;
            Others = others;
            NaiveVisited = naive.States;
            Naive = naive.Observed & Asked(reduced);
            NaiveIsWhole = isWhole;
        }

        public SearchResult Reduced { get; }

        public SearchResult[] Others { get; }

        /// <summary>What the second engine saw.</summary>
        public ulong Naive { get; }

        public int NaiveVisited { get; }

        public bool NaiveIsWhole { get; }

        public ulong Observed => Of(Reduced);

        public static Row Of(string encoding, string instance)
        {
            var subject = new EncodingRegistry(BuiltInEncodings.All).Resolve(encoding);
            var machine = MachineOf(instance);
            var ways = new[] { (true, true), (false, true), (true, false), (false, false) }.Select(way =>
            {
                var (symmetric, fuses) = way;
                var result = Checker.Run(subject, machine with { Symmetric = symmetric, CoalescesInvisible = fuses },
                    new() { StopAtFirst = false }).Result;
                Assert.Null(result.Bound);
                return result;
            }).ToArray();
            using var naive = new NaiveSearch(subject, machine);
            var isWhole = naive.Run(NaiveStates);
            return new($"| {instance} | {encoding} |", ways[0], ways[1..], naive, isWhole);
        }

        /// <summary>Properties that are broken or seen, bit i = property i.</summary>
        public static ulong Of(SearchResult result) =>
            Bits(result, p => p.Verdict is PropertyVerdict.Broken or PropertyVerdict.Seen);

        /// <summary>Their names.</summary>
        public string Words(ulong properties) =>
            string.Join(' ',
                Reduced.Properties.Where((_, i) => (properties >> i & 1) != 0).Select(p => p.Property.Name));

        public override string ToString() =>
            Invariant($"{_names} {Reduced.States:N0} | ")
            + string.Join(" | ", Others.Select(o => Invariant($"{o.States:N0}")))
            + Invariant($" | {(NaiveIsWhole ? "" : "more than ")}{NaiveVisited:N0} | ")
            + $"{System.Numerics.BitOperations.PopCount(Observed)}"
            + (NaiveIsWhole || Naive == Observed ? " |"
                : Invariant($", {System.Numerics.BitOperations.PopCount(Naive)} by the second engine |"));

        /// <summary>Those that a step or a rest shows: a cycle is more than a set of states.</summary>
        private static ulong Asked(SearchResult result) => Bits(result, p => p.Property.Kind != PropertyKind.Eventually
            && p.Verdict is not (PropertyVerdict.NotAsked or PropertyVerdict.DoesNotApply));

        private static ulong Bits(SearchResult result, Func<PropertyResult, bool> matches) =>
            result.Properties.Select((p, i) => matches(p) ? 1UL << i : 0).Aggregate(0UL, (all, bit) => all | bit);
    }
}
