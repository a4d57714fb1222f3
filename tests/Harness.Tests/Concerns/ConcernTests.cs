using UapiLab.Encodings;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Concerns;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Concerns;

/// <summary>What the thread says about the encodings comes out of the tool.</summary>
public sealed class ConcernTests
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    [Theory]
    [InlineData("single-bit", "C1", ConcernVerdict.Broken)]
    [InlineData("single-bit", "C2", ConcernVerdict.Broken)]
    [InlineData("single-bit", "C3", ConcernVerdict.Broken)]
    [InlineData("single-bit", "C8", ConcernVerdict.Broken)]
    [InlineData("multi-bit", "C8", ConcernVerdict.HoldsAtACost)]
    [InlineData("async-hint", "C8", ConcernVerdict.Holds)]
    [InlineData("async-hint:inject=at-fault", "C8", ConcernVerdict.HoldsAtACost)]
    [InlineData("never-async", "C8", ConcernVerdict.HoldsAtACost)]
    [InlineData("single-bit", "C9", ConcernVerdict.Broken)]
    [InlineData("single-bit:variant=as-posted", "C16", ConcernVerdict.Broken)]
    [InlineData("single-bit:apf=off", "C2", ConcernVerdict.Holds)]
    [InlineData("async-hint", "C1", ConcernVerdict.Holds)]
    [InlineData("async-hint", "C2", ConcernVerdict.Holds)]
    [InlineData("async-hint", "C9", ConcernVerdict.HoldsAtACost)]
    [InlineData("async-hint:inject=at-fault", "C1", ConcernVerdict.Broken)]
    [InlineData("multi-bit:bits=4", "C8", ConcernVerdict.Holds)]
    [InlineData("never-async", "C13", ConcernVerdict.Holds)]
    public void Verdicts(string encoding, string concern, ConcernVerdict verdict)
    {
        var cell = Decide(encoding, concern);
        Assert.Equal(verdict, cell.Verdict);
        Assert.Equal((concern, encoding), (cell.Concern, cell.Encoding));
        Assert.NotEmpty(cell.Summary);
        Assert.All(cell.Evidence, e => Assert.NotEmpty(e.Text));
        Assert.Contains(cell.Evidence, e => e.Command.Contains(encoding, StringComparison.Ordinal));
    }

    [Fact]
    public void TheCatalogueIsComplete()
    {
        Assert.Equal(Enumerable.Range(1, 16).Select(i => FormattableString.Invariant($"C{i}")), ConcernCatalog.All.Select(c => c.Id));
        Assert.All(ConcernCatalog.All, c => Assert.All(new[] { c.Title, c.Question, c.Source, c.Method }, Assert.NotEmpty));
    }

    [Fact]
    public void ThePlainUpdateBreaksC12AndC15()
    {
        var cell = Decide("multi-bit:update=plain", "C15");
        Assert.Equal(ConcernVerdict.Broken, cell.Verdict);
        Assert.Contains(cell.Evidence, e => e.Details.Contains("unpopulated", StringComparison.Ordinal));
    }

    [Fact]
    public void AnInterruptedDecisionIsNotDecided()
    {
        var bench = Bench("async-hint", () => "enough");
        Assert.Equal(ConcernVerdict.NotDecided, ConcernCatalog.All.Single(c => c.Id == "C16").Decide(bench).Verdict);
    }

    private static ConcernCell Decide(string encoding, string concern) =>
        ConcernMatrix.Row(Bench(encoding, () => null), ConcernCatalog.All.Where(c => c.Id == concern)).Single();

    private static ConcernBench Bench(string encoding, Func<string?> stop) =>
        new(s_registry.Resolve(encoding), s_registry.Resolve("never-async"), SeedList.Derive(1, 3), Math.Min(2, Environment.ProcessorCount), stop);
}
