using UapiLab.Harness.Machines;

namespace UapiLab.Testing;

/// <summary>How much the kit does, and from which seed. Same encoding and settings: same verdict, but for the
/// properties that run real threads.</summary>
public sealed record ConformanceSettings
{
    /// <summary>The usual amount: seconds for each encoding.</summary>
    public static ConformanceSettings Default { get; } = new();

    /// <summary>Root of everything generated.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Generated cases of each property.</summary>
    public int Cases { get; init; } = 1_000;

    /// <summary>States after which an exhaustive check gives up, which counts as a failure: it decided
    /// nothing.</summary>
    public long MaxStates { get; init; } = 4_000_000;

    /// <summary>Whether it is enough to have looked at <see cref="MaxStates"/> states: for encodings with too many to
    /// see them all. What is broken beyond them stays unseen.</summary>
    public bool AllowsUndecided { get; init; }

    /// <summary>Threads of an exhaustive check; they change no verdict.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Rounds of each property that runs real threads.</summary>
    public int Rounds { get; init; } = 300;

    /// <summary>Begins at one case instead: <c>seed,gamma,size</c> as a failure prints it.</summary>
    public string? Replay { get; init; }

    /// <summary>Called between cases, rounds of real threads and states of a search: it gets on.</summary>
    public Action? Progress { get; init; }

    /// <summary>What a search asks now and then; nothing here ends it.</summary>
    internal string? GetsOn()
    {
        Progress?.Invoke();
        return null;
    }

    /// <summary>Rules the machine breaks: for tests that see the kit fail.</summary>
    internal RuleSet Broken { get; init; }
}
