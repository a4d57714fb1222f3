using System.Text;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>Is there a run of the machine that emits what a real KVM was recorded emitting?</summary>
public static class TraceConformance
{
    /// <summary>Events of the subsystem kvm that are explained one by one, by the names a kernel gives them.</summary>
    public static IReadOnlyList<string> StrictEvents { get; } = [.. Tracepoints.Strict.Select(row => row.Name)];

    /// <summary>What a recorder marks when it stops. A guest that stands still has no event to say how long it did, and
    /// an event that never occurred could not be told from one that was not recorded.</summary>
    /// <param name="recorded">The events that were recorded.</param>
    public static string EndMarker(IEnumerable<string> recorded) =>
        $"{KvmTraceWriter.Ends}: {string.Join(' ', recorded)}";

    /// <summary>What the first BEGIN marker of a trace says, by key; empty without one.</summary>
    /// <exception cref="TraceFormatException">The file is no such trace, or damaged.</exception>
    public static IReadOnlyDictionary<string, string> BeginOf(TraceFile file, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var trace = new RecordedTrace(file);
        while (!cancellation.IsCancellationRequested && trace.MoveNext())
        {
            if (!trace.IsGap && trace.Current.Kind == RecordedKind.Marker
                && ScenarioAssumptions.Read(trace.Current.Text) is { } begin)
            {
                return begin.Values;
            }
        }

        return ScenarioAssumptions.None.Values;
    }

    /// <summary>Holds a trace to the machine.</summary>
    /// <param name="path">ftrace, trace-cmd report or perf script text, gzip or not.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Ends it undecided.</param>
    /// <exception cref="TraceFormatException">The file is no such trace, or damaged.</exception>
    public static ConformReport Check(string path, ConformOptions options, CancellationToken cancellation = default)
    {
        using var file = TraceFile.Open(path, cancellation);
        return CheckOpened(file, options, cancellation);
    }

    /// <summary>The same for a trace that somebody else reads too.</summary>
    public static ConformReport CheckOpened(TraceFile file, ConformOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        var observed = Look(file, cancellation);
        var report = Run(file, options, observed, cancellation, stopBefore: 0, out _);
        if (report.Rejection is not { } rejection)
        {
            return report;
        }

        // The states before the event are told by running up to it again: keeping them ready at each event would cost
        // more.
        var before = Run(file, options with { Tells = false }, observed, cancellation, rejection.Number, out var state);
        var sign = Invariant($"first sign of trouble: event {rejection.Number} breaks rule {rejection.Rule}; ")
            + "before it:";
        return report with
        {
            Rejection = rejection with { State = state },
            AtEnd = before.AtEnd,
            Stuck = before.Stuck,
            Diagnosis = [sign, .. before.Diagnosis],
            Overview = [sign, .. before.Overview],
        };
    }

    private static ObservedKinds Look(TraceFile file, CancellationToken cancellation)
    {
        var observed = new ObservedKinds();
        using var trace = new RecordedTrace(file);
        while (!cancellation.IsCancellationRequested && trace.MoveNext())
        {
            if (!trace.IsGap)
            {
                observed.Add(trace.Current);
            }
        }

        return observed;
    }

    private static ConformReport Run(TraceFile file, ConformOptions options, ObservedKinds observed,
        CancellationToken cancellation, long stopBefore, out IReadOnlyList<string> state)
    {
        const int ReportEvery = 1 << 16;
        var setting = MachineSetting.Of(options);
        using var run = new TraceRun(observed, setting, options);
        using var trace = new RecordedTrace(file);
        var teller = options.Tells ? new TraceTeller() : null;
        (RecordedEvent Event, IReadOnlyList<Refusal> Why)? rejected = null;
        long events = 0;
        while (rejected is null && run.Bound.Length == 0 && !cancellation.IsCancellationRequested && trace.MoveNext())
        {
            if (trace.IsGap)
            {
                run.Forget();
                continue;
            }

            if (trace.Current.Number == stopBefore)
            {
                break;
            }

            events++;
            rejected = run.Take(trace.Current, trace.Name);
            teller?.Add(trace.Current, run.VcpuOf(trace.Current.Thread), trace.Text, trace.Name);
            if (events % ReportEvery == 0)
            {
                options.Progress?.Report(events);
            }
        }

        var isWhole = rejected is null && run.Bound.Length == 0 && !cancellation.IsCancellationRequested
            && stopBefore == 0;
        rejected ??= isWhole ? run.End() : null;
        state = StateLanes.Describe(run.Lanes);
        var report = run.Report(file.Name, events, trace.Missing) with
        {
            Told = teller?.Told ?? [],
            IsCutOff = trace.IsCutOff,
        };
        if (rejected is { } found)
        {
            var text = found.Event.Line == trace.Current.Line ? Encoding.UTF8.GetString(trace.Text)
                : LineOf(file, found.Event.Line);
            return report with
            {
                Verdict = ConformVerdict.Rejected,
                Rejection = Reject(found.Event, found.Why, text.Trim())
            };
        }

        if (isWhole && report.Explained == 0)
        {
            throw new TraceFormatException(file.Name, 1, "an event of an x86 KVM that is explained one by one "
                + $"(docs/conform.md), but none of its {events} events is one");
        }

        return run.Bound.Length > 0 || cancellation.IsCancellationRequested
            ? report with
            {
                Verdict = ConformVerdict.NotDecided,
                Bound = run.Bound.Length > 0 ? run.Bound
                : "interrupted"
            }
            : report;
    }

    private static ConformRejection Reject(in RecordedEvent e, IReadOnlyList<Refusal> why, string text) => new(
        e.Number, e.Line, text,
        string.Join(", ", why.Select(w => w.Rule.Id).Distinct(StringComparer.Ordinal)),
        string.Join("; or ", why.Select(w => w.Allowed).Distinct(StringComparer.Ordinal)), []);

    private static string LineOf(TraceFile file, long line)
    {
        using var lines = file.Lines();
        while (lines.Number < line && lines.MoveNext())
        {
            // on to the line
        }

        return Encoding.UTF8.GetString(lines.Current);
    }
}
