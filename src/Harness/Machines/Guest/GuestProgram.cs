namespace UapiLab.Harness.Machines.Guest;

/// <summary>Attributes of one program step.</summary>
[Flags]
public enum GuestStepFlags : byte
{
    /// <summary>User-mode read, interrupts on.</summary>
    None = 0,
    /// <summary>The access writes.</summary>
    Write = 1,
    /// <summary>Kernel section: CPL 0 (a copy_to_user, say).</summary>
    Kernel = 2,
    /// <summary>Interrupts off (cli … sti).</summary>
    InterruptsOff = 4,
    /// <summary>Compute only, no access.</summary>
    NoAccess = 8,
    /// <summary>The guest disables APF (MSR_KVM_ASYNC_PF_EN := 0) and wakes every task that sleeps by token.</summary>
    DisableApf = 16,
    /// <summary>CR0.PG is cleared and set again before the access, as by an SMI.</summary>
    TogglePaging = 32,
    /// <summary>The guest has the page converted before the access, from private to shared or back.</summary>
    Convert = 64,
}

/// <summary>One step of a guest task: compute, then one access.</summary>
/// <param name="ComputeNs">Guest time before the access, ns.</param>
/// <param name="Gfn">Frame accessed.</param>
/// <param name="Flags">How.</param>
public readonly record struct GuestStep(long ComputeNs, ulong Gfn, GuestStepFlags Flags);

/// <summary>What the tasks of the guest do. A pure function, so that it needs no state of its own.</summary>
public interface IGuestProgram
{
    /// <summary>Step <paramref name="index"/> of a task, counted from 0.</summary>
    /// <returns>False when the task has ended.</returns>
    bool TryStep(int task, long index, out GuestStep step);

    /// <summary>Alternatives among which a task chooses at a step; a program that leaves none open has 1.</summary>
    int Alternatives(int task, long index) => 1;

    /// <summary>As <see cref="TryStep(int, long, out GuestStep)"/>, for one of the alternatives.</summary>
    bool TryStep(int task, long index, int alternative, out GuestStep step) => TryStep(task, index, out step);

    /// <summary>Index of the step after this one.</summary>
    long After(long index, in GuestStep step) => index + 1;
}
