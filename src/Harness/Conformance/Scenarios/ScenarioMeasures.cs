using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance.Scenarios;

/// <summary>What a trace shows of a scenario in numbers, one measure for recorded and simulated ones.</summary>
internal sealed class ScenarioMeasures
{
    private const uint AckMsr = 0x4b564d07;

    private readonly long[] _counts = new long[Enum.GetValues<RecordedKind>().Length];
    private readonly Dictionary<ulong, long> _faults = [];

    /// <summary>Pages for which an APF was tried, or KVM_RUN returned: the guest's start-up is not simulated.</summary>
    private readonly HashSet<ulong> _pages = [];
    private readonly Dictionary<long, ulong> _lastFault = [];
    private readonly Dictionary<(long Thread, ulong Token), long> _outstanding = [];
    private readonly Dictionary<long, int> _outstandingOf = [];
    private readonly List<long> _latencies = [];
    private long _halts;
    private long _acknowledged;
    private long _faultExits;
    private long _notPresents;
    private int _mostOutstanding;

    /// <summary>The numbers by name, each with the kinds of event without which nothing is known of it.</summary>
    private static readonly (string Name, RecordedKind[] Needs, Func<ScenarioMeasures, long, decimal?> Value)[] s_rows =
    [
        .. new[]
        {
            RecordedKind.TryAsync, RecordedKind.NotPresent, RecordedKind.RepeatedFault, RecordedKind.Completed,
            RecordedKind.Ready,
        }.Select(kind => (Tracepoints.NameOf(kind), new[] { kind },
            (Func<ScenarioMeasures, long, decimal?>)((of, _) => of._counts[(int)kind]))),
        ("kvm_inj_exception #PF", [RecordedKind.InjectException], (of, _) => of._notPresents),
        ("kvm_exit, faults on the pages", [RecordedKind.Exit, RecordedKind.PageFault],
            (of, _) => of._faults.Sum(page => of._pages.Contains(page.Key) ? page.Value : 0)),
        ("kvm_exit, HLT", [RecordedKind.Exit], (of, _) => of._halts),
        ("kvm_exit, write of the ACK MSR", [RecordedKind.Exit, RecordedKind.Msr], (of, _) => of._acknowledged),
        ("kvm_userspace_exit, faults", [RecordedKind.UserspaceExit], (of, _) => of._faultExits),
        ("APFs outstanding, most of a vCPU", [RecordedKind.NotPresent, RecordedKind.Ready],
            (of, _) => of._mostOutstanding),
        ("set-up to ready / lat_us, median", [RecordedKind.NotPresent, RecordedKind.Ready],
            (of, latencyNs) => of.Median() is { } median && latencyNs > 0
                ? decimal.Round((decimal)median / latencyNs, 2) : null),
    ];

    /// <summary>Names of the numbers, in order, with the events that each needs.</summary>
    public static IEnumerable<(string Name, IEnumerable<string> Needs)> Rows =>
        s_rows.Select(row => (row.Name, row.Needs.Select(Tracepoints.NameOf)));

    /// <summary>Measures a trace.</summary>
    /// <param name="file">The trace.</param>
    /// <param name="latencyNs">How long a page takes to come.</param>
    /// <returns>The numbers in order; null where there is none.</returns>
    public static decimal?[] Of(TraceFile file, long latencyNs)
    {
        var measures = new ScenarioMeasures();
        using var trace = new RecordedTrace(file);
        while (trace.MoveNext())
        {
            if (!trace.IsGap)
            {
                measures.Add(trace.Current);
            }
        }

        return [.. s_rows.Select(row => row.Value(measures, latencyNs))];
    }

    private void Add(in RecordedEvent e)
    {
        _counts[(int)e.Kind]++;
        switch (e.Kind)
        {
            case RecordedKind.Exit:
                _halts += e.Reason == LeaveReason.Halt ? 1 : 0;
                break;
            case RecordedKind.Msr:
                _acknowledged += e is { IsWrite: true, Index: AckMsr } ? 1 : 0;
                break;
            case RecordedKind.InjectException:
                _notPresents += e is { IsWrite: true, Again: false } ? 1 : 0;
                break;
            case RecordedKind.PageFault:
                _lastFault[e.Thread] = e.Gfn;
                _faults[e.Gfn] = _faults.GetValueOrDefault(e.Gfn) + 1;
                break;
            case RecordedKind.TryAsync:
                _pages.Add(e.Gfn);
                break;
            case RecordedKind.UserspaceExit when e.Exit?.Row().HasFaultInfo == true:
                _faultExits++;
                if (_lastFault.TryGetValue(e.Thread, out var gfn))
                {
                    _pages.Add(gfn);
                }

                break;
            case RecordedKind.NotPresent:
                _outstanding[(e.Thread, e.Value)] = e.AtNs;
                _outstandingOf[e.Thread] = _outstandingOf.GetValueOrDefault(e.Thread) + 1;
                _mostOutstanding = Math.Max(_mostOutstanding, _outstandingOf[e.Thread]);
                break;
            case RecordedKind.Ready when _outstanding.Remove((e.Thread, e.Value), out var since):
                _outstandingOf[e.Thread]--;
                _latencies.Add(e.AtNs - since);
                break;
        }
    }

    private long? Median()
    {
        _latencies.Sort();
        return _latencies.Count == 0 ? null : _latencies[_latencies.Count / 2];
    }
}
