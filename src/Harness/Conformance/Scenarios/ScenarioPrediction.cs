using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance.Scenarios;

/// <summary>Runs the scenario that a BEGIN marker names on the simulator, and says what a trace of it would
/// count.</summary>
public static class ScenarioPrediction
{
    private const int Seeds = 5;
    private const long NsPerMicrosecond = 1_000;
    private const long EmulatedExitNs = 100_000;

    /// <summary>On an emulated processor an exit takes some 50 to 150 us.</summary>
    private static readonly CostTable s_emulated =
        CostTable.Default.With(Cost.VmExit, EmulatedExitNs);

    /// <summary>Measures a recording, and the simulation of what it recorded.</summary>
    /// <param name="file">The recording.</param>
    /// <param name="report">What became of it.</param>
    /// <param name="encoding">The encoding it ran with; what stands for KVM's own APF if it is a stock kernel.</param>
    public static ScenarioComparison Run(TraceFile file, ConformReport report, Encoding encoding)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(encoding);
        var simulated = encoding.Description.FullName;
        if (report.Scenarios is not [var scenario])
        {
            return new("", simulated, report.Scenarios.Count == 0 ? "no BEGIN marker names the scenario"
                : "several scenarios in one trace", []);
        }

        var (guest, whyNot) = GuestOf(scenario, report.Parameters);
        return guest is null ? new(scenario, simulated, whyNot, [])
            : new(scenario, simulated, "", Compare(file, report, guest, encoding));
    }

    private static PredictedNumber[] Compare(TraceFile file, ConformReport report, PinnedGuest guest, Encoding encoding)
    {
        var recorded = ScenarioMeasures.Of(file, guest.LatencyNs);
        var runs = (from seed in Enumerable.Range(1, Seeds)
                    from costs in (CostTable[])[CostTable.Default, s_emulated]
                    from together in (bool[])[false, true]
                    select Simulate(guest, encoding, costs, together, (ulong)seed)).ToArray();
        return
        [
            .. ScenarioMeasures.Rows.Zip(recorded).Select((row, at) => (row.First.Name, row.First.Needs,
                    Recorded: row.Second, Low: runs.Min(r => r[at]), High: runs.Max(r => r[at])))
                .Where(row => row is { Recorded: not null, Low: not null, High: not null })
                .Select(row => new PredictedNumber(row.Name, row.Recorded!.Value, row.Low!.Value, row.High!.Value,
                    report.Unobserved.Intersect(row.Needs).Any() ? PredictedVerdict.NotRecorded
                    : report.Missing > 0 ? PredictedVerdict.HasGaps
                    : row.Recorded >= row.Low && row.Recorded <= row.High ? PredictedVerdict.Agrees
                    : PredictedVerdict.Differs)),
        ];
    }

    /// <summary>The guest that a scenario describes.</summary>
    /// <param name="scenario">Its name, in old markers the one place that says of a guest that it touches pages
    /// again.</param>
    /// <param name="parameters">What its BEGIN marker says.</param>
    /// <returns>The guest, or why there is none.</returns>
    private static (PinnedGuest? Guest, string WhyNot) GuestOf(string scenario,
        IReadOnlyDictionary<string, string> parameters)
    {
        string Word(string name, string otherwise) => parameters.GetValueOrDefault(name, otherwise);
        long Number(string name, long otherwise) =>
            long.TryParse(Word(name, ""), System.Globalization.CultureInfo.InvariantCulture, out var n) ? n : otherwise;
        var unusual = new (string Name, string Usual)[] { ("passes", "1"), ("same", "0"), ("write", "0"),
            ("serial", "0"), ("always", "0"), ("backing", "uffd") }
            .Where(u => Word(u.Name, u.Usual) != u.Usual).Select(u => $"{u.Name}={Word(u.Name, "")}").ToArray();
        if (unusual.Length > 0 || Number("pages", 0) < 1 || Number("tasks", 0) < 1 || Number("vcpus", 0) < 1)
        {
            return (null, unusual.Length > 0 ? "not simulated: " + string.Join(", ", unusual)
                : "not simulated: the marker names no pages, tasks and vCPUs");
        }

        var flags = (Word("cpl", "3") == "3" ? GuestStepFlags.None : GuestStepFlags.Kernel) | (Word("if0", "0") == "1"
            ? GuestStepFlags.InterruptsOff : GuestStepFlags.None);
        return (new((int)Number("vcpus", 1), (int)Number("pages", 1), (int)Number("tasks", 1),
            Word("policy", "async"),
            Word("apf", Word("guest_apf", "1")) == "1", flags, Number("lat_us", 10_000) * NsPerMicrosecond,
            retouches: Word("retouch", scenario.EndsWith("retouch", StringComparison.Ordinal) ? "1" : "0") == "1"), "");
    }

    /// <summary>The numbers of a simulated run, from the trace that a host would have recorded of it.</summary>
    private static decimal?[] Simulate(PinnedGuest guest, Encoding encoding, CostTable costs,
        bool together, ulong seed)
    {
        var lines = new StringWriter();
        var writer = new KvmTraceWriter(lines);
        using var simulator = new Simulator(encoding, guest, costs, seed) { Observer = writer };
        guest.Clock = together ? () => simulator.Machine.Clock.Now : null;
        writer.Begin(simulator.Machine, "simulated");
        simulator.Run();
        writer.End(0);
        using var file = TraceFile.Of("simulated", lines.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return ScenarioMeasures.Of(file, guest.LatencyNs);
    }
}
