using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>What a choice decides.</summary>
public enum ChoiceKind : byte
{
    /// <summary>Ground truth of a first fault: a <see cref="UapiLab.Abstractions.Disposition"/>; key = gfn.</summary>
    Disposition,
    /// <summary>What the VMM predicts when it arms a frame: a <see cref="Prediction"/>; key = gfn.</summary>
    ArmPrediction,
    /// <summary>What the VMM predicts when a fetch starts: a <see cref="Prediction"/>; key = gfn.</summary>
    FetchPrediction,
    /// <summary>Which of the fetches under way completes next; answered with a fetch number.</summary>
    FetchCompletes,
    /// <summary>Next frame of the prefetcher plus one, 0 = none left; key = how many it took before.</summary>
    PrefetchTarget,
    /// <summary>Next frame to re-arm plus one, 0 = the round is over; key = (round &lt;&lt; 32) | number within it.</summary>
    RearmTarget,
}

/// <summary>Every non-deterministic decision of the machine: the simulator answers from clock and distributions, a
/// checker enumerates, a replay reads.</summary>
public interface IChoices
{
    /// <summary>Picks one of <paramref name="n"/> alternatives.</summary>
    int Choose(ChoiceKind kind, ulong key, int n);
}

/// <summary>What the machine tells whoever drives it, and asks of its clock.</summary>
public interface IDriver
{
    /// <summary>The actor became able to take a step now.</summary>
    void Woken(int actor);
    /// <summary>The current actor starts guest computing; it may be cut short by <see cref="Preempt"/>.</summary>
    void Compute(int actor, long ns);
    /// <summary>How much of the last computing was left undone, ns.</summary>
    long ComputeUndone(int actor);
    /// <summary>The current actor's guest computing, if any, ends now.</summary>
    void Preempt(int actor);
    /// <summary>The current actor lets time pass.</summary>
    void Delay(DelayKind kind, ulong key);
    /// <summary>The current actor blocks, but not for longer than this.</summary>
    void BlockUntil(int actor, long ns);
    /// <summary>A fetch was given to the device.</summary>
    void FetchIssued(int fetch, ulong gfn, Disposition disposition);
    /// <summary>Time until a fetch completes, as far as anything but the device may know it, ns.</summary>
    /// <param name="fetch">The fetch, or -1 if none was started.</param>
    /// <param name="gfn">Its frame.</param>
    /// <param name="disposition">Ground truth.</param>
    long FetchRemaining(int fetch, ulong gfn, Disposition disposition);
}

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
