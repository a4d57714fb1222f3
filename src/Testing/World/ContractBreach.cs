namespace UapiLab.Testing.World;

/// <summary>A half did what the contract forbids, or a run went where no run may go.</summary>
/// <param name="rule">Short name of the rule; those of the checker's properties where there is one.</param>
/// <param name="what">What happened.</param>
internal sealed class ContractBreach(string rule, string what) : Exception($"{rule}: {what}")
{
    public string Rule { get; } = rule;

    /// <summary>A loop of the VMM half did not end. One that waits for another thread of the VMM is in order, and
    /// cannot end where that thread does not run.</summary>
    public bool MayWait { get; init; }
}

/// <summary>Names of the rules.</summary>
internal static class Breaches
{
    // Also properties of the checker.
    public const string LostWakeup = "lost-wakeup";
    public const string UnpopulatedRead = "unpopulated-read";
    public const string UnmatchedReady = "unmatched-ready";
    public const string IllegalInjection = "illegal-injection";
    public const string QueueLimit = "queue-limit";
    public const string ErrnoContract = "errno-contract";
    public const string Livelock = "livelock";

    // The kit's own.
    public const string OutOfBounds = "out-of-bounds";
    public const string Knowledge = "knowledge";
    public const string Locking = "locking";
    public const string Unbounded = "unbounded";
    public const string LeakedApf = "leaked-apf";
    public const string Throws = "throws";
    public const string OldBehaviour = "old-behaviour";
    public const string Reserved = "reserved-accepted";
    public const string NotAtomic = "not-atomic";
    public const string NotRepeatable = "not-repeatable";
    public const string Impossible = "impossible-for-the-checker";
}
