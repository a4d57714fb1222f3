using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Lab;

/// <summary>What may be brought to the lab, and what is said of what may not.</summary>
public sealed class LabTests
{
    private static readonly LabCatalog s_lab = new(new(BuiltInEncodings.All));

    [Fact]
    public void A_workload_is_the_one_it_names_with_what_it_says()
    {
        var lab = s_lab.With(new Named("restore-2", "snapshot-resume:vcpus=2,sync=0.8"));
        var brought = (SyntheticWorkload)lab.Workloads.Resolve("restore-2:io=8");
        Assert.Equal("restore-2:io=8", brought.Name);
        Assert.Equal(
            ((SyntheticWorkload)WorkloadCatalog.BuiltIn.Resolve("snapshot-resume:vcpus=2,sync=0.8,io=8")).Parameters,
            brought.Parameters);
        Assert.Equal(WorkloadCatalog.BuiltIn.All.Count + 1, lab.Workloads.All.Count);
    }

    [Fact]
    public void A_workload_may_name_one_that_was_brought() =>
        Assert.Equal(3, ((SyntheticWorkload)s_lab.With(new Named("a", "mixed:vcpus=3"))
            .With(new Named("b", "a:io=2")).Workloads.Resolve("b")).Parameters.Vcpus);

    [Theory]
    [InlineData("mixed", "mixed", "mixed: two workloads are registered under this id, expected one")]
    [InlineData("Mixed", "mixed", "workload 'Mixed': expected lower case letters, digits and dashes, a letter first")]
    [InlineData("x", "mixd", "workload x, mixd: unknown workload 'mixd', did you mean 'mixed'?")]
    [InlineData("x", "mixed:vcpu=1", "workload x, mixed:vcpu=1: unknown option of mixed 'vcpu', did you mean 'vcpus'?")]
    public void A_wrong_workload_is_refused(string id, string spec, string told) =>
        Assert.StartsWith(told, Assert.Throws<InputException>(() => s_lab.With(new Named(id, spec))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_wrong_property_is_refused()
    {
        Assert.Equal("lost-wakeup: two properties are registered under this name, expected one",
            Refused(new Fine("lost-wakeup")));
        Assert.Equal("twice: two properties are registered under this name, expected one",
            Assert.Throws<InputException>(() => s_lab.With(new Fine("twice")).With(new Fine("twice"))).Message);
        Assert.Equal("property '': expected lower case letters, digits and dashes, a letter first",
            Refused(new Fine("")));
        Assert.Equal("blind: the property watches no event, expected one at least", Refused(new Blind()));
        Assert.Equal("open: LabTests.Open is not sealed, expected a property to be", Refused(new Open()));
        Assert.Equal(
            "counts: LabTests.Counts._seen is a mutable field, expected readonly ones only; what a property remembers "
            + "is in the word that it is handed", Refused(new Counts()));
    }

    [Theory]
    [InlineData("c1", "c1: two concerns are registered under this id, expected one")]
    [InlineData("single-bit", "single-bit: an encoding has this id, expected another for the concern")]
    [InlineData("a b", "a b: expected letters, digits and dashes for the id of a concern")]
    public void A_wrong_concern_is_refused(string id, string told) =>
        Assert.Equal(told,
            Assert.Throws<InputException>(() => s_lab.With(new Asks(id, _ => new(ConcernVerdict.Holds, "")))).Message);

    [Fact]
    public void A_concern_is_decided_with_what_it_asked_as_evidence()
    {
        var cell = Decide(bench =>
        {
            var needless = bench.PerFault("all-sync:pages=20", "backToBackApf")!.Value;
            Assert.Equal(needless, bench.PerFault("all-sync:pages=20", "backToBackApf"));
            var speed = bench.Speedup("mine")!.Value;
            Assert.True(speed.Low <= speed.Mean && speed.Mean <= speed.High);
            var explored = bench.Explore("quick:vcpus=1");
            Assert.True(explored.IsExhausted && explored.States > 100 && explored.Broken.Count == 0);
            Assert.Contains("apf-injected", explored.Seen);
            Assert.Equal(1, bench.Description.BitsPerGfn);
            return new(ConcernVerdict.HoldsAtACost, "because");
        });

        Assert.Equal((ConcernVerdict.HoldsAtACost, "because"), (cell.Verdict, cell.Summary));
        Assert.Equal(
        [
            "compare single-bit never-async --workload all-sync:pages=20",
                "compare single-bit never-async --workload mine",
            "check single-bit --instance quick:vcpus=1", "uapi single-bit --size",
        ], cell.Evidence.Select(e => e.Command));
    }

    [Fact]
    public void A_verdict_without_a_question_does_not_count() =>
        Assert.Equal((ConcernVerdict.NotDecided, "nothing was asked of the bench"),
            Said(Decide(_ => new(ConcernVerdict.Holds, "trust me"))));

    [Fact]
    public void What_a_concern_throws_is_its_cell()
    {
        Assert.Equal((ConcernVerdict.NotDecided, "it threw NotSupportedException: no"),
            Said(Decide(_ => throw new NotSupportedException("no"))));
        Assert.StartsWith("it threw ArgumentException: metric spurius: expected one of faults, exits, ",
            Decide(b => new(ConcernVerdict.Holds, "" + b.Measure("mixed", "spurius"))).Summary,
            StringComparison.Ordinal);
        Assert.StartsWith("it threw ArgumentException: mixd: unknown workload 'mixd'",
            Decide(b => new(ConcernVerdict.Holds, "" + b.Speedup("mixd"))).Summary, StringComparison.Ordinal);
        Assert.StartsWith("it threw ArgumentException: --instance quik: ",
            Decide(b => new(ConcernVerdict.Holds, "" + b.Explore("quik"))).Summary, StringComparison.Ordinal);
    }

    private static (ConcernVerdict Verdict, string Summary) Said(ConcernCell cell) => (cell.Verdict, cell.Summary);

    private static ConcernCell Decide(Func<IConcernBench, ConcernAnswer> decide)
    {
        var lab = s_lab.With(new Named("mine", "all-sync:pages=20,vcpus=1")).With(new Asks("X1", decide));
        var bench = new ConcernBench(lab.Encodings.Resolve("single-bit"), lab.Encodings.Resolve("never-async"),
            [1, 2, 3], () => 1, () => null)
        { Workloads = lab.Workloads };
        return bench.Decide(lab.Concerns.Single(c => c.Id == "X1"));
    }

    private static string Refused(IProperty property) =>
        Assert.Throws<InputException>(() => s_lab.With(property)).Message;

    private sealed class Named(string id, string spec) : IWorkload
    {
        public string Id => id;

        public string Summary => "";

        public string Spec => spec;
    }

    private sealed class Asks(string id, Func<IConcernBench, ConcernAnswer> decide) : IConcern
    {
        public string Id => id;

        public string Title => "";

        public string Question => "";

        public string Source => "";

        public string Method => "";

        public ConcernAnswer Decide(IConcernBench bench) => decide(bench);
    }

    private abstract class Watching : IProperty
    {
        public abstract string Name { get; }

        public string Doc => "";

        public string Outcome => "";

        public bool IsNever => true;

        public virtual IReadOnlyList<RunEventKind> Watches => [RunEventKind.PagePlaced];

        public virtual bool Shows(in RunEvent e, ref ulong memory) => false;
    }

    private sealed class Fine(string name) : Watching
    {
        private readonly string _name = name;

        public override string Name => _name;
    }

    private sealed class Blind : Watching
    {
        public override string Name => "blind";

        public override IReadOnlyList<RunEventKind> Watches => [];
    }

    private class Open : Watching
    {
        public override string Name => "open";
    }

    private sealed class Counts : Watching
    {
        private int _seen;

        public override string Name => "counts";

        public override bool Shows(in RunEvent e, ref ulong memory) => ++_seen > 3;
    }
}
