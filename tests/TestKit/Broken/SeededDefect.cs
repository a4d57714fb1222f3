using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>One small thing that is wrong, and who must notice.</summary>
/// <param name="Id">Name, for tests and tables.</param>
/// <param name="Summary">What is wrong, in one line.</param>
/// <param name="Family">The encoding to run; wrong itself, or right on a machine that is not.</param>
/// <param name="BrokenRule">Rules of the machine that are broken, as names of the harness's Rules separated by commas;
/// null = none.</param>
/// <param name="FoundBy">Name of the property that must find it; or <c>load</c>, rejected when it is loaded; or
/// <c>knowledge</c>, stopped when it uses what it may not know.</param>
/// <param name="FoundUnder">Memory orders under which it must be found; under the others it must pass.</param>
public sealed record SeededDefect(string Id, string Summary, IEncodingFamily Family, string? BrokenRule, string FoundBy,
    MemoryOrderings FoundUnder)
{
    /// <summary>What differs from it in the one thing and must pass under every memory order; null where nothing
    /// runs.</summary>
    public IEncodingFamily? Control { get; init; }

    /// <summary>Rules that are broken for the control too, because the defect needs a machine on which they
    /// are.</summary>
    public string? ControlBrokenRule { get; init; }

    /// <summary>What the machine must have for the defect to show, besides a vCPU with a task that touches a frame, an
    /// I/O thread and a free policy: the least that a checker's instance may be.</summary>
    public DefectNeeds Needs { get; init; }

    /// <summary>Memory orders under which it must pass.</summary>
    public MemoryOrderings PassesUnder => MemoryOrderings.All & ~FoundUnder;

    /// <inheritdoc/>
    public override string ToString() => Id;
}

/// <summary>Memory orders by the names of the checker.</summary>
[Flags]
public enum MemoryOrderings
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>Sequential consistency.</summary>
    Sc = 1,
    /// <summary>Store buffers, as on x86.</summary>
    Tso = 2,
    /// <summary>Nothing but what was asked for.</summary>
    Weak = 4,
    /// <summary>All three.</summary>
    All = Sc | Tso | Weak,
}

/// <summary>What a machine has to offer.</summary>
[Flags]
public enum DefectNeeds
{
    /// <summary>Nothing in particular.</summary>
    None = 0,
    /// <summary>A page is armed again and discarded.</summary>
    Rearming = 1,
    /// <summary>Pages are armed again through a memslot update, with the vCPUs parked.</summary>
    RearmingByMemslot = 2,
    /// <summary>A vCPU with more tasks than APFs it may have queued.</summary>
    MoreTasksThanApfs = 4,
    /// <summary>Two tasks on a vCPU, and two frames.</summary>
    TwoTasksTwoFrames = 8,
    /// <summary>Two vCPUs, or one and a prefetcher.</summary>
    TwoFaultersOfOneFrame = 16,
    /// <summary>A task with interrupts off.</summary>
    InterruptsOff = 32,
    /// <summary>A fault that the VMM resolves on the vCPU thread while an I/O thread places another page, as in kernel
    /// mode.</summary>
    TwoPublishers = 64,
}
