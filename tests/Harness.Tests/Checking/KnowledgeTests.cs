using UapiLab.Encodings;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Registry;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>What KVM can know when it injects.</summary>
public sealed class KnowledgeTests
{
    private static readonly CheckInstance s_tiny =
        KnowledgeCheck.Instance with { TasksPerVcpu = 1, Prefetcher = false };

    private static readonly Func<string, KnowledgeOutcome> s_runs = Once.For((string spec) =>
        KnowledgeCheck.Run(new EncodingRegistry(BuiltInEncodings.All).Resolve(spec), 2_000_000, () => false));

    [Theory]
    [InlineData("single-bit", "broken broken broken broken", "broken broken broken broken")]
    [InlineData("single-bit:variant=as-posted", "broken broken broken broken", "broken broken broken broken")]
    [InlineData("single-bit:apf=off", "nothing nothing nothing nothing", "nothing nothing nothing nothing")]
    [InlineData("multi-bit", "broken broken broken broken", "broken holds broken broken")]
    [InlineData("async-hint:inject=at-fault", "broken broken broken broken", "broken broken broken broken")]
    [InlineData("async-hint", "holds holds broken broken", "holds holds broken broken")]
    [InlineData("never-async", "nothing nothing nothing nothing", "nothing nothing nothing nothing")]
    public void Verdicts_on_C1_C3_C4_C5(string spec, string verdicts, string ifPredictionsComeTrue)
    {
        var outcome = Run(spec);
        Assert.Equal(["C1", "C3", "C4", "C5"], outcome.Findings.Select(f => f.Id));
        Assert.Equal(verdicts, string.Join(' ', outcome.Findings.Select(f => Word(f.Verdict))));
        Assert.Equal(ifPredictionsComeTrue, string.Join(' ', outcome.Findings.Select(f => Word(f.Truthful))));
        Assert.All(outcome.Findings, f => Assert.Equal(f.Verdict == KnowledgeVerdict.Broken, f.Witness is not null));
    }

    /// <summary>The first page of a comparison asks with one task; here C1 with two says the same.</summary>
    [Theory]
    [InlineData("single-bit", KvmTells.AfterInjecting, KnowledgeVerdict.Broken)]
    [InlineData("multi-bit", KvmTells.AfterInjecting, KnowledgeVerdict.Broken)]
    [InlineData("async-hint", KvmTells.Yes, KnowledgeVerdict.Holds)]
    [InlineData("never-async", KvmTells.DoesNotArise, KnowledgeVerdict.NothingToDecide)]
    [InlineData("kernel-apf", KvmTells.DoesNotArise, KnowledgeVerdict.NothingToDecide)]
    public void One_task_says_of_C1_what_two_say(string spec, KvmTells tells, KnowledgeVerdict verdict)
    {
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve(spec);

        Assert.Equal(tells, SyncOrAsync.Of(encoding, () => false));
        Assert.Equal(verdict, Run(spec).Findings.Single(f => f.Id == "C1").Verdict);
        Assert.Equal(KvmTells.NotDecided, SyncOrAsync.Of(encoding, () => true));
    }

    [Fact]
    public void A_witness_shows_kvm_the_same_twice_and_differs_afterwards()
    {
        var pair = Run("single-bit").Findings[0].Witness!;
        Assert.Contains(pair.CommonView, line => line.StartsWith("queue not-present", StringComparison.Ordinal));
        Assert.All(pair.CommonView.Where(l => l.StartsWith("load", StringComparison.Ordinal)), line =>
        {
            Assert.Contains(pair.First.Steps, s => s.Text.Contains(line, StringComparison.Ordinal));
            Assert.Contains(pair.Second.Steps, s => s.Text.Contains(line, StringComparison.Ordinal));
        });
        Assert.Contains(pair.First.Steps,
            s => s.Text.Contains("the content is in the frame", StringComparison.Ordinal));
        Assert.Equal("VMM calls KVM_RUN", pair.Second.Steps[^1].Text);
        Assert.DoesNotContain(pair.Second.Steps,
            s => s.Text.Contains("the content is in the frame", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("single-bit")]
    [InlineData("multi-bit")]
    [InlineData("async-hint")]
    public void Sets_of_states_say_what_pairs_in_lockstep_say(string spec)
    {
        var graph = ViewGraph.Build(new EncodingRegistry(BuiltInEncodings.All).Resolve(spec), s_tiny, truthful: false,
            100_000, () => false);
        Assert.True(graph.IsComplete);
        var outcomes = new Outcomes(graph, 1);
        var decisions = new KnowledgeSets(graph, Observer.Kvm).Decisions(long.MaxValue, () => false, out _);
        var pairs = Lockstep(graph);
        Assert.NotEmpty(pairs);
        foreach (var question in KnowledgeQuestion.All)
        {
            var bySets = decisions.Any(d => d.Targets.Any(t => Is(question.First, t))
                && d.Targets.Any(t => Is(question.Second, t)));
            Assert.Equal(pairs.Any(p => (Is(question.First, p.A) && Is(question.Second, p.B))
                || (Is(question.First, p.B) && Is(question.Second, p.A))), bySets);
        }

        bool Is(KnowledgeSide side, int node) => side.IsPossible(graph, outcomes, node, 0);
    }

    [Fact]
    public void The_table_says_who_learns_what_when()
    {
        var table = Run("async-hint").Table!;
        Assert.Equal(["is so", "KVM", "VMM", "guest"], table.Parties);
        var injected = table.Facts.Single(f => f.Fact.StartsWith("KVM injects", StringComparison.Ordinal));
        var handedOff = table.Facts.Single(f => f.Fact.StartsWith("an I/O task", StringComparison.Ordinal));
        Assert.Equal(injected.Since[0], injected.Since[1]);
        Assert.Null(injected.Since[2]); // KVM looks again at re-entry, and tells nobody what it found
        Assert.True(handedOff.Since[1] < injected.Since[1]); // KVM is told before it injects
        var early = Run("single-bit").Table!;
        Assert.True(early.Facts.Single(f => f.Fact.StartsWith("an I/O task", StringComparison.Ordinal)).Since[1]
            > early.Facts.Single(f => f.Fact.StartsWith("KVM injects", StringComparison.Ordinal)).Since[1]);
    }

    [Fact]
    public void A_bound_leaves_it_undecided()
    {
        var outcome = KnowledgeCheck.Run(new EncodingRegistry(BuiltInEncodings.All).Resolve("async-hint"), 500,
            () => false);
        Assert.Equal(KnowledgeVerdict.NotDecided, outcome.Findings[0].Verdict);
        Assert.Null(outcome.Table);
    }

    /// <summary>Pairs of states right after KVM injects in both of two runs that showed it the same: explored pair by
    /// pair.</summary>
    private static IReadOnlyList<(int A, int B)> Lockstep(ViewGraph graph)
    {
        var found = new List<(int, int)>();
        var known = new HashSet<(int, int)>();
        var pending = new Stack<(int, int)>();
        foreach (var a in graph.Initial)
        {
            foreach (var b in graph.Initial)
            {
                Add((a, b));
            }
        }

        while (pending.TryPop(out var pair))
        {
            foreach (var left in graph.From(pair.Item1))
            {
                if (left.Kvm == 0)
                {
                    Add((left.Target, pair.Item2));
                    continue;
                }

                foreach (var right in graph.From(pair.Item2).Where(e => e.Kvm == left.Kvm))
                {
                    Add((left.Target, right.Target));
                    if (left.Injected >= 0)
                    {
                        found.Add((left.Target, right.Target));
                    }
                }
            }

            foreach (var right in graph.From(pair.Item2).Where(e => e.Kvm == 0))
            {
                Add((pair.Item1, right.Target));
            }
        }

        return found;

        void Add((int, int) pair)
        {
            if (known.Add(pair))
            {
                pending.Push(pair);
            }
        }
    }

    private static KnowledgeOutcome Run(string spec) => s_runs(spec);

    private static string Word(KnowledgeVerdict verdict) => verdict == KnowledgeVerdict.NothingToDecide ? "nothing"
        : verdict.ToString().ToLowerInvariant();
}
