namespace UapiLab.Harness.Machines.Guest;

/// <summary>How the guest's kernel reacts to the APF protocol and schedules its tasks. Pluggable.</summary>
internal abstract class GuestSide(Machine machine)
{
    protected Machine Machine { get; } = machine;

    /// <summary>Whether a task that a page-ready woke runs at once.</summary>
    public virtual bool PreemptsOnWake => true;

    /// <summary>Whether tasks share the vCPU by time slices.</summary>
    public virtual bool HasTimeslices => true;

    /// <summary>Whether the page-ready handler writes the ACK MSR.</summary>
    public virtual bool Acknowledges => true;

    /// <summary>Whether the not-present handler puts the task to sleep (a misbehaving guest touches the page
    /// again).</summary>
    public virtual bool SleepsOnNotPresent => true;

    public static GuestSide Create(string name, Machine machine) => name switch
    {
        "linux" => new LinuxGuest(machine),
        "recorded" => new RecordedGuest(machine),
        "retouch" => new RetouchingGuest(machine),
        "no-ack" => new NeverAcknowledgingGuest(machine),
        _ => throw new ArgumentException($"unknown guest '{name}': expected linux, recorded, retouch or no-ack"),
    };
}

/// <summary>Linux (arch/x86/kernel/kvm.c): tasks sleep by token, an early wake leaves a dummy, CFS preempts for the
/// woken.</summary>
internal sealed class LinuxGuest(Machine machine) : GuestSide(machine);

/// <summary>The small guest of the recordings: the same protocol, tasks cooperate and are never preempted.</summary>
internal sealed class RecordedGuest(Machine machine) : GuestSide(machine)
{
    public override bool PreemptsOnWake => false;
    public override bool HasTimeslices => false;
}

/// <summary>Returns from the not-present #PF and touches the page again (recording s10).</summary>
internal sealed class RetouchingGuest(Machine machine) : GuestSide(machine)
{
    public override bool SleepsOnNotPresent => false;
}

/// <summary>Never writes the ACK MSR (recording s11: the done list is never drained).</summary>
internal sealed class NeverAcknowledgingGuest(Machine machine) : GuestSide(machine)
{
    public override bool Acknowledges => false;
}
