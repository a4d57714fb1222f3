using UapiLab.Encodings;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Lab.Concerns.Recordings;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Lab.Concerns;

/// <summary>What C4 says of a recorded migration is what the recording says.</summary>
public sealed class RecordedMigrationTests
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    private static readonly Lazy<AccessTrace> s_recording =
        new(() => TraceReader.Read(Path.Combine(GeneratedDoc.Root(), RecordedMigration.Log), new()));

    [Fact]
    public void The_faults_that_the_assembly_carries_are_those_of_the_recording()
    {
        var path = Path.Combine(GeneratedDoc.Root(), RecordedMigration.File);
        var lines = RecordedMigration.Write(s_recording.Value);
        if (Environment.GetEnvironmentVariable("UAPILAB_UPDATE_DOCS") is not null)
        {
            File.WriteAllText(path, lines);
            return; // the assembly carries what was there when it was built
        }

        Assert.Equal(lines, File.ReadAllText(path));
        Assert.Equal(lines, RecordedMigration.Write(RecordedMigration.Trace));
        Assert.Equal(s_recording.Value.GfnCount, RecordedMigration.Trace.GfnCount);
    }

    [Theory]
    [InlineData("single-bit")]
    [InlineData("multi-bit")]
    [InlineData("never-async")]
    public void C4_counts_on_it_what_a_replay_of_the_log_counts(string encoding)
    {
        var bench = Bench(encoding);
        using var simulator = new Simulator(s_registry.Resolve(encoding),
            new TraceWorkload(s_recording.Value, new()), CostTable.Default, seed: 1);
        var replayed = simulator.Run();

        Assert.Equal(replayed.InFlightApf, bench.OnRecordedMigration(r => r.InFlightApf)!.Value.Mean);
        Assert.Equal(replayed.Faults, bench.OnRecordedMigration(r => r.Faults)!.Value.Mean);
    }

    [Fact]
    public void C4_prints_it_beside_the_synthetic_figure_and_the_documents_quote_it()
    {
        var bench = Bench("single-bit");
        var underWay = bench.OnRecordedMigration(r => r.InFlightApf)!.Value.Mean;
        var faults = bench.OnRecordedMigration(r => r.Faults)!.Value.Mean;
        var recording = s_recording.Value.Facts;

        var cell = Concern.All.Single(c => c.Id == "C4").Decide(bench);

        Assert.Contains(
            Invariant($" a fault for a page under way, {underWay / faults:0.###} in a recorded migration"),
            cell.Summary, StringComparison.Ordinal);
        Assert.Contains(cell.Evidence, e => e.Text.Contains(
            Invariant($"was on its way already at {recording["inFlight"]} of {recording["accesses"]} demand faults"),
            StringComparison.Ordinal));
        foreach (var document in new[] { "README.md", "docs/concerns.md" })
        {
            var words = string.Join(' ', File.ReadAllText(Path.Combine(GeneratedDoc.Root(), document))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains(Invariant($"{underWay:0} of {faults:0} faults"), words, StringComparison.Ordinal);
        }
    }

    private static ConcernBench Bench(string encoding) => new(s_registry.Resolve(encoding),
        s_registry.Resolve("never-async"), SeedList.Derive(1, 2), () => 2, () => null);
}
