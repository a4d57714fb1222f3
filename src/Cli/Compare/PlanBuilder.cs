using UapiLab.Cli.Plugins;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Lab.Proposals;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Cli.Compare;

/// <summary>From the command line to a plan. All input is read here, so that whatever is wrong with it is said before
/// anything runs.</summary>
internal static class PlanBuilder
{
    private const string Pair = "mixed-threads";
    private const int SideSeeds = 3;
    private const int StabilitySeeds = 5;

    /// <summary>Makes the plan.</summary>
    /// <exception cref="InputException">An argument or a file is wrong.</exception>
    /// <exception cref="TraceFormatException">A trace is.</exception>
    public static ComparisonPlan Build(CompareRequest request, LabCatalog lab, IProgress<long>? traceBytes = null,
        CancellationToken cancellation = default)
    {
        var encodings = request.Encodings.Count == 0 ? DefaultMatrix.Encodings(lab.Encodings)
            : DefaultMatrix.Named(lab.Encodings, request.Encodings);
        var costs = Costs(request, cancellation);
        // Outside the repository there is none; a place that is named is meant to be there.
        if (request.Proposals != CompareRequest.DefaultProposals && !Directory.Exists(request.Proposals))
        {
            throw new InputException($"--proposals {request.Proposals}", "no such folder");
        }

        var proposals = ProposalFiles.ReadAll(request.Proposals, lab, cancellation);
        var planned = Workloads(request, lab.Workloads, traceBytes, cancellation);
        var pair = request.CellsOnly ? null : PairSpec(request);
        return new ComparisonPlan
        {
            Command = request.Command(),
            Seed = request.Seed,
            Seeds = SeedList.Derive(request.Seed, request.Seeds),
            Encodings =
                [.. encodings.Select(e => request.PluginNotes.TryGetValue(e.Encoding.Description.Id, out var note)
                    ? e with { Note = note } : e)],
            Baseline = DefaultMatrix.Baseline,
            Oracle = DefaultMatrix.Oracle,
            Workloads = planned,
            Costs = costs,
            CostsOf = request.Costs ?? "",
            Claims = [.. proposals.SelectMany(p => p.Claims.Select(c => (p.Folder, c)))],
            Expectations = IsDefault(request) ? Expectations.All(lab.Encodings) : [],
            BreakEven = pair is null ? null : BreakEven(lab.Workloads, pair, request.Policy),
            Sweep = pair is null || FixesComputing(pair) ? null : MixSweep(lab.Workloads, pair, request.Policy),
            StabilitySeeds = request.CellsOnly ? 0 : StabilitySeeds,
            Tells = request is { Encodings.Count: > 0, CellsOnly: true } ? null
                : (encoding, stop) => DescribedEncoding.CodeOf(encoding) is null
                    ? SyncOrAsync.Of(encoding, stop) : null,
            Threads = request.Threads,
            Remote = request.Remote,
        };
    }

    /// <summary>The prices.</summary>
    /// <exception cref="InputException">The file is wrong.</exception>
    public static CostTable Costs(CompareRequest request, CancellationToken cancellation) =>
        request.Costs is { } file ? CostTableFile.Read(file, request.Host, cancellation) : request.Host.Costs;

    /// <summary>The workloads.</summary>
    /// <exception cref="InputException">A name or a file is wrong.</exception>
    /// <exception cref="TraceFormatException">A trace is.</exception>
    public static PlannedWorkload[] Workloads(CompareRequest request, WorkloadCatalog workloads,
        IProgress<long>? traceBytes, CancellationToken cancellation)
    {
        IEnumerable<string> specs = request is { Workloads.Count: 0, Traces.Count: 0 } ? workloads.All.Select(f => f.Id)
            : request.Workloads;
        PlannedWorkload[] named = [.. specs.Select(spec => workloads.Plan(spec, request.Policy))];
        return request.Traces.Count == 0 ? named : [.. named, Trace(request, traceBytes, cancellation)];
    }

    /// <summary>Expectations are about the default encodings on the default workloads.</summary>
    private static bool IsDefault(CompareRequest request) =>
        request is { Encodings.Count: 0, Workloads.Count: 0, Traces.Count: 0, Policy: null };

    private static PlannedWorkload Trace(CompareRequest request, IProgress<long>? traceBytes,
        CancellationToken cancellation)
    {
        var options = TraceWorkloadOptions.Parse(request.TraceOptions);
        options = request.Policy is { } policy ? options with { Policy = policy } : options;
        var trace = TraceReader.ReadMany(request.Traces, new TraceOptions
        {
            Progress = traceBytes,
            Cancellation = cancellation,
        });
        var workload = new TraceWorkload(trace, options);
        var pinned = request.TraceOptions.Contains("predict=", StringComparison.Ordinal);
        string[] facts = [.. trace.Facts.Where(f => f.Value != 0).Select(f => Invariant($"{f.Key} {f.Value}"))];
        IReadOnlyList<string> notes = facts.Length == 0 ? trace.Notes
            : [.. trace.Notes, $"The recording says: {string.Join(", ", facts)}."];
        return new(
            workload.Name,
            workload,
            pinned ? null : predict => workload.With(options with { PredictPermille = (uint)(predict * 1_000) }),
            options.PredictPermille / 1_000m,
            notes);
    }

    /// <summary>The workload whose fetch time and mix are varied: the pair of the RFC if it is compared at
    /// all.</summary>
    private static string? PairSpec(CompareRequest request) =>
        request is { Workloads.Count: 0, Traces.Count: 0 }
            ? Pair
            : request.Workloads.FirstOrDefault(w => w == Pair || w.StartsWith(Pair + ":", StringComparison.Ordinal));

    /// <summary>How much there is to compute is given either as a time or as the mix that is swept.</summary>
    private static bool FixesComputing(string spec) => spec.Contains("cpu=", StringComparison.Ordinal);

    private static BreakEvenPlan BreakEven(WorkloadCatalog workloads, string spec, VmmPolicy? policy) => new(
        workloads.Plan(spec).Name,
        ns => workloads.Plan(WorkloadSpecs.With(spec, "fetch", Durations.Format(ns)), policy),
        LowNs: Durations.Microsecond,
        HighNs: 10 * Durations.Millisecond,
        SideSeeds);

    private static SweepPlan MixSweep(WorkloadCatalog workloads, string spec, VmmPolicy? policy) => new(
        workloads.Plan(spec).Name,
        "mix",
        "computing of the CPU-bound task as a multiple of the time for which the memory-bound one waits; at m it can "
            + "gain at most (1 + m) / max(1, m).",
        [.. new[] { 0.1m, 0.26m, 0.5m, 1m, 2m, 3.85m }.Select(mix => KeyValuePair.Create(
            mix, workloads.Plan(WorkloadSpecs.With(spec, "mix", Invariant($"{mix}")), policy)))])
    {
        // Two tasks that overlap fully, by how much one computes for each wait of the other.
        Bound = mix => (1 + mix) / Math.Max(1, mix),
        Published = 1 + DefaultMatrix.RfcGain,
    };
}
