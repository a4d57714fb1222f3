using System.Text;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>An event of a trace, to be told.</summary>
/// <param name="Number">Number of the event, from 1.</param>
/// <param name="Line">Line in the file.</param>
/// <param name="AtNs">Time of the recorder.</param>
/// <param name="Lane">Who: "vCPU 0", "KVM worker", "other threads".</param>
/// <param name="Text">Where the thread is, and the event as recorded.</param>
/// <param name="Event">What it is, as the machine names it; null where it only shows that the thread is there.</param>
internal sealed record ToldEvent(long Number, long Line, long AtNs, string Lane, string Text, string? Event);

/// <summary>A vCPU that waits at the end.</summary>
/// <param name="Vcpu">Which.</param>
/// <param name="For">For what.</param>
/// <param name="EndedBy">What would end it.</param>
/// <param name="SinceNs">By the recorder's clock; null if no event says so.</param>
/// <param name="IsForReady">One of its APFs waits, of which there may be many.</param>
internal sealed record WaitingVcpu(int Vcpu, string For, string EndedBy, long? SinceNs, bool IsForReady = false)
{
    /// <summary>Since when, to follow for what.</summary>
    public string Since => SinceNs is { } since ? ", since " + Diagnosis.Clock(since) : "";
}

/// <summary>Keeps the events that are explained one by one, of a long trace the last ones.</summary>
internal sealed class TraceTeller
{
    private const int Most = 100_000;

    private readonly Queue<ToldEvent> _told = [];

    /// <summary>Lanes by name; vCPUs of two VMs may have one number.</summary>
    private readonly Dictionary<string, long> _threads = [];

    public IReadOnlyList<ToldEvent> Told => [.. _told];

    /// <param name="e">The event.</param>
    /// <param name="vcpu">Of its thread; -1 = none.</param>
    /// <param name="line">The line.</param>
    /// <param name="name">The name of the event, a part of it.</param>
    public void Add(in RecordedEvent e, int vcpu, ReadOnlySpan<byte> line, ReadOnlySpan<byte> name)
    {
        if (e.Kind is RecordedKind.Other or RecordedKind.Mapped or RecordedKind.Unmapped)
        {
            return;
        }

        if (_told.Count == Most)
        {
            _told.Dequeue();
        }

        line.Overlaps(name, out var start);
        var text = Encoding.UTF8.GetString(line[start..]).Trim();
        _told.Enqueue(new(e.Number, e.Line, e.AtNs, Lane(e, vcpu), vcpu < 0 ? text : $"{Where(e.Kind)}: {text}",
            Named(e)));
    }

    private string Lane(in RecordedEvent e, int vcpu)
    {
        if (vcpu < 0)
        {
            return e.Kind == RecordedKind.Completed ? "KVM worker" : "other threads";
        }

        var name = Invariant($"vCPU {vcpu}");
        return _threads.TryAdd(name, e.Thread) || _threads[name] == e.Thread ? name
            : Invariant($"{name} of thread {e.Thread}");
    }

    private static string Where(RecordedKind kind) => kind switch
    {
        RecordedKind.Marker => "VMM",
        RecordedKind.Exit => "guest",
        _ => "KVM",
    };

    private static string? Named(in RecordedEvent e) => e.Kind switch
    {
        // The fault that follows says more.
        RecordedKind.Exit when e.Reason is LeaveReason.StageTwoFault => null,
        RecordedKind.Exit when e.Reason is LeaveReason.Halt => "guest_hlt",
        RecordedKind.Msr or RecordedKind.Marker => null,
        RecordedKind.NotPresent or RecordedKind.Ready => Tracepoints.NameOf(e.Kind) + Frame(e)
            + (e.Value == RecordedEvent.WakeAll ? " token ~0" : Invariant($" token 0x{e.Value:x}")),
        _ => Tracepoints.NameOf(e.Kind) + Frame(e),
    };

    private static string Frame(in RecordedEvent e) => e.HasGfn ? Invariant($" gfn 0x{e.Gfn:x}") : "";
}
