using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>A property of a run of the machine: which events break, show or reach it. One file each beside this one.</summary>
internal abstract class MachineProperty
{
    /// <summary>As typed on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>How it is read.</summary>
    public abstract PropertyKind Kind { get; }

    /// <summary>What holds when it holds; for a sometimes, what is seen.</summary>
    public abstract string Doc { get; }

    /// <summary>What has happened when it is broken or seen, for the head of a history.</summary>
    public abstract string Outcome { get; }

    /// <summary>Whether userspace can break it for its own guest by acting against it.</summary>
    public virtual bool NeedsUserspace => false;

    /// <summary>Whether it is about tracked writes, and of no interest where none are.</summary>
    public virtual bool NeedsTracking => false;

    /// <summary>Whether it is about a restore of the VM, and of no interest where none is.</summary>
    public virtual bool NeedsRestore => false;

    /// <summary>Whether an event breaks it (always) or shows it (sometimes).</summary>
    public virtual bool Shows(in MachineEvent e) => false;

    /// <summary>Whether a state in which nobody has to take a step breaks it.</summary>
    public virtual bool IsBrokenAtRest(Machine machine) => false;

    /// <summary>Kinds of event that <see cref="Shows"/> looks at.</summary>
    public virtual IReadOnlyList<MachineEventKind> Kinds => [];

    /// <summary>All of them, in the order in which they are reported.</summary>
    public static IReadOnlyList<MachineProperty> All { get; } =
    [
        new LostWakeup(), new UnpopulatedRead(), new UnmatchedReady(), new IllegalInjection(), new QueueLimit(), new ErrnoContract(), new KvmContract(), new LeakedApf(), new UnseenWrite(), new Livelock(),
        new ApfInjected(), new ReadyDelivered(), new EarlyWake(), new HaltedVcpu(), new RepeatedFault(), new QueueFull(), new RefusedInjection(),
        new BackToBackApf(), new LateApf(), new InFlightApf(), new Interrupted(), new Rearmed(), new DroppedApf(), new EmptyReady(), new RefusedAnswer(), new WriteSeen(), new RestoredWithApfs(),
    ];

    /// <summary>Those, and what was brought to an instance.</summary>
    public static IReadOnlyList<MachineProperty> Of(CheckInstance instance) =>
        instance.Watched.Count == 0 ? All : [.. All, .. instance.Watched.Select((p, i) => new BroughtProperty(p, i))];
}

/// <summary>Never broken: one kind of violation that the machine reports.</summary>
internal abstract class AlwaysProperty(ViolationKind violation) : MachineProperty
{
    public override PropertyKind Kind => PropertyKind.Always;

    public override IReadOnlyList<MachineEventKind> Kinds => [MachineEventKind.Violation];

    public override bool Shows(in MachineEvent e) => e.Kind == MachineEventKind.Violation && e.Value == (ulong)violation;
}

/// <summary>Seen at least once: one kind of event.</summary>
internal abstract class SometimesProperty(MachineEventKind kind) : MachineProperty
{
    public override PropertyKind Kind => PropertyKind.Sometimes;

    public override IReadOnlyList<MachineEventKind> Kinds => [kind];

    public override string Outcome => Doc;

    public override bool Shows(in MachineEvent e) => e.Kind == kind;
}
