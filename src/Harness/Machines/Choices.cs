using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Machines;

/// <summary>What a choice decides.</summary>
public enum ChoiceKind : byte
{
    /// <summary>Ground truth of a first fault: a <see cref="Abstractions.Disposition"/>; key = gfn.</summary>
    Disposition,
    /// <summary>Whether a first fault meets a frame that is intercepted for another purpose (1); key = gfn.</summary>
    Intercepted,
    /// <summary>What the VMM predicts when it arms a frame: a <see cref="Prediction"/>; key = gfn.</summary>
    ArmPrediction,
    /// <summary>What the VMM predicts when a fetch starts: a <see cref="Prediction"/>; key = gfn.</summary>
    FetchPrediction,
    /// <summary>Which of the fetches under way completes next; answered with a fetch number.</summary>
    FetchCompletes,
    /// <summary>Next frame of the prefetcher plus one, 0 = none left; key = how many it took before.</summary>
    PrefetchTarget,
    /// <summary>Next frame to re-arm plus one, 0 = the round is over; key = (round &lt;&lt; 32) | number within
    /// it.</summary>
    RearmTarget,
    /// <summary>Which alternative of the guest's program a task takes; key = task.</summary>
    Program,
    /// <summary>How many values behind the newest a load reads; key = location.</summary>
    ReadFrom,
    /// <summary>Which of the runnable tasks the guest's scheduler picks; key = vCPU.</summary>
    Schedule,
    /// <summary>What a free policy does with a fault: a <see cref="Abstractions.Handling"/>; key = gfn.</summary>
    Handling,
    /// <summary>Whether a signal makes KVM_RUN return now (1); key = vCPU.</summary>
    Signal,
    /// <summary>Whether KVM_RUN is called with immediate_exit (1); key = vCPU.</summary>
    ImmediateExit,
    /// <summary>Whether KVM's write to the APF area fails (1); key = vCPU.</summary>
    RefusedInjection,
    /// <summary>Whether KVM's read of userspace memory fails (1); key = actor.</summary>
    FailedCopy,
    /// <summary>Whether the VMM issues the ioctl again (1); key = ioctl number.</summary>
    Repeat,
    /// <summary>Whether the VMM re-enters without having resolved the fault (1); key = gfn.</summary>
    Careless,
    /// <summary>What an I/O thread turns to: a fetch that completed (0) or a signalled eventfd (1); then which of the
    /// eventfds; key = 0.</summary>
    IoWork,
    /// <summary>What hostile userspace does next (<see cref="HostileThread"/>); key = how often it acted.</summary>
    Hostile,
    /// <summary>How far the counter of tokens runs on, for faults of frames that are not modelled; key =
    /// vCPU.</summary>
    TokenStep,
    /// <summary>Whether the vCPU is reset now (1); key = vCPU.</summary>
    Reset,
    /// <summary>Whether userspace drops the pending exception now (1); key = vCPU.</summary>
    DropEvent,
    /// <summary>Frame that the VMM has KVM fault in, plus one; 0 = none; key = vCPU.</summary>
    Prefault,
    /// <summary>The frame without content that KVM fills of its own accord, plus one; 0 = none; key = vCPU.</summary>
    KvmWrite,
}

/// <summary>Every non-deterministic decision of the machine: the simulator answers from clock and distributions, a
/// checker enumerates, a replay reads.</summary>
public interface IChoices
{
    /// <summary>Picks one of <paramref name="n"/> alternatives.</summary>
    int Choose(ChoiceKind kind, ulong key, int n);
}

/// <summary>What the machine tells its driver, and asks of the driver's clock. By default the driver has
/// none.</summary>
public interface IDriver
{
    /// <summary>The actor became able to take a step now.</summary>
    void Woken(int actor) { }
    /// <summary>The current actor starts guest computing; it may be cut short by <see cref="Preempt"/>.</summary>
    void Compute(int actor, long ns) { }
    /// <summary>How much of the last computing was left undone, ns.</summary>
    long ComputeUndone(int actor) => 0;
    /// <summary>The current actor's guest computing, if any, ends now.</summary>
    void Preempt(int actor) { }
    /// <summary>The current actor lets time pass.</summary>
    void Delay(DelayKind kind, ulong key) { }
    /// <summary>The current actor blocks, but not for longer than this.</summary>
    void BlockUntil(int actor, long ns) { }
    /// <summary>The current actor accesses a word of an encoding: what that takes depends on whose cache has the
    /// line.</summary>
    void Touches(CacheLine line, bool writes) { }
    /// <summary>A vCPU thread has nothing to do until an event ends the guest's HLT.</summary>
    void HaltBegins(int vcpu) { }
    /// <summary>That halt is over. Whether the thread polled meanwhile, or slept and had to be woken, depends on how
    /// long it was.</summary>
    void HaltEnds(int vcpu) { }
    /// <summary>The current actor waits for the lock of the userfaultfd that this frame belongs to, does what is to be
    /// done under it, and leaves it. Where no clock runs it is one atomic step like any other.</summary>
    void PassUserfaultfdLock(ulong gfn) { }
    /// <summary>The current actor's guest touches a frame, where there is memory that it can touch.</summary>
    /// <returns>Whether that hit; null where the machine's own tables have to say.</returns>
    bool? Touch(int task, ulong gfn, bool write) => null;
    /// <summary>The VMM has the content of a frame in place.</summary>
    void Placed(ulong gfn) { }
    /// <summary>KVM has mapped a frame for the guest.</summary>
    void Mapped(ulong gfn, bool writable) { }
    /// <summary>A fetch was given to the device.</summary>
    void FetchIssued(int fetch, ulong gfn, Disposition disposition) { }
    /// <summary>Time until a fetch completes, as far as anything but the device may know it, ns.</summary>
    /// <param name="fetch">The fetch, or -1 if none was started.</param>
    /// <param name="gfn">Its frame.</param>
    /// <param name="disposition">Ground truth.</param>
    long FetchRemaining(int fetch, ulong gfn, Disposition disposition) => 0;
}

/// <summary>A cache line of an encoding's words.</summary>
/// <param name="Region">Position of the region among the encoding's.</param>
/// <param name="Line">Its place there.</param>
public readonly record struct CacheLine(int Region, long Line);

/// <summary>Delays whose length belongs to the workload.</summary>
public enum DelayKind : byte
{
    /// <summary>Placing local content, on the vCPU thread; key = gfn.</summary>
    LocalResolve,
    /// <summary>Handling an intercept; key = gfn.</summary>
    Intercept,
    /// <summary>Before the prefetcher's next request; key = index.</summary>
    PrefetchInterval,
    /// <summary>Before the next re-arming; key = round.</summary>
    RearmInterval,
}
