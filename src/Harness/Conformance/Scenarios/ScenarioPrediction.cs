using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Conformance.Scenarios;

/// <summary>Runs the scenario that a BEGIN marker names on the simulator, and says what a trace of it would
/// count.</summary>
public static class ScenarioPrediction
{
    private const int Seeds = 5;
    private const long NsPerMicrosecond = 1_000;

    private static readonly MachineEventKind[] s_counted =
    [
        MachineEventKind.KvmTryAsyncGetPage, MachineEventKind.KvmAsyncPfNotPresent,
            MachineEventKind.KvmAsyncPfRepeatedFault,
        MachineEventKind.KvmAsyncPfCompleted, MachineEventKind.KvmAsyncPfReady,
    ];

    /// <summary>Predicts the counts of a scenario.</summary>
    /// <param name="scenario">Its name, the one place that says of a guest that it touches pages again.</param>
    /// <param name="parameters">What its BEGIN marker says.</param>
    /// <param name="encoding">The encoding it ran with; what stands for KVM's own APF if it is a stock kernel.</param>
    /// <returns>The counts, or why there are none.</returns>
    public static (IReadOnlyList<PredictedCount> Counts, string WhyNot) Run(string scenario, IReadOnlyDictionary<string,
        string> parameters, Encoding encoding)
    {
        string Word(string name, string otherwise) => parameters.GetValueOrDefault(name, otherwise);
        long Number(string name, long otherwise) =>
            long.TryParse(Word(name, ""), System.Globalization.CultureInfo.InvariantCulture, out var n) ? n : otherwise;
        var unusual = new (string Name, string Usual)[] { ("passes", "1"), ("same", "0"), ("write", "0"),
            ("serial", "0"), ("always", "0"), ("backing", "uffd") }
            .Where(u => Word(u.Name, u.Usual) != u.Usual).Select(u => $"{u.Name}={Word(u.Name, "")}").ToArray();
        if (unusual.Length > 0 || Number("pages", 0) < 1 || Number("tasks", 0) < 1 || Number("vcpus", 0) < 1)
        {
            return ([], unusual.Length > 0 ? "not simulated: " + string.Join(", ", unusual)
                : "not simulated: the marker names no pages, tasks and vCPUs");
        }

        var flags = (Word("cpl", "3") == "3" ? GuestStepFlags.None : GuestStepFlags.Kernel) | (Word("if0", "0") == "1"
            ? GuestStepFlags.InterruptsOff : GuestStepFlags.None);
        var guest = new PinnedGuest((int)Number("vcpus", 1), (int)Number("pages", 1), (int)Number("tasks", 1),
            Word("policy", "async"),
            Word("apf", Word("guest_apf", "1")) == "1", flags, Number("lat_us", 10_000) * NsPerMicrosecond,
            retouches: scenario.EndsWith("retouch", StringComparison.Ordinal));
        var runs = Enumerable.Range(1, Seeds).Select(seed => Count(guest, encoding, (ulong)seed)).ToArray();
        return ([.. s_counted.Select(
            kind => new PredictedCount(kind.Row().Text, runs.Min(r => r[(int)kind]), runs.Max(r => r[(int)kind])))],
            "");
    }

    private static long[] Count(PinnedGuest guest, Encoding encoding, ulong seed)
    {
        var counter = new Counter();
        using var simulator = new Simulator(encoding, guest, CostTable.Default, seed) { Observer = counter };
        simulator.Run();
        return counter.Counts;
    }

    private sealed class Counter : IMachineObserver
    {
        public long[] Counts { get; } = new long[Enum.GetValues<MachineEventKind>().Length];

        public void On(in MachineEvent e) => Counts[(int)e.Kind]++;
    }
}
