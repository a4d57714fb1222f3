namespace UapiLab.Harness.Checking.Search;

/// <summary>Answer to a property.</summary>
public enum PropertyVerdict : byte
{
    /// <summary>Holds in every state: the search was exhausted.</summary>
    Holds,
    /// <summary>Broken; there is a path.</summary>
    Broken,
    /// <summary>A sometimes-property that was seen; there is a path.</summary>
    Seen,
    /// <summary>A sometimes-property that was never seen, and everything was searched.</summary>
    NeverSeen,
    /// <summary>A bound was hit first.</summary>
    NotDecided,
    /// <summary>The instance does not ask about it.</summary>
    NotAsked,
    /// <summary>The instance has nothing that it is about.</summary>
    DoesNotApply,
}

/// <summary>A path: an initial state and the actions from there; with a cycle, the last <see cref="CycleLength"/>
/// actions repeat for ever.</summary>
/// <param name="Initial">Number of the initial state.</param>
/// <param name="Actions">Positions among the successors.</param>
/// <param name="CycleLength">0 for a plain path.</param>
public sealed record StatePath(int Initial, IReadOnlyList<int> Actions, int CycleLength = 0);

/// <summary>What became of one property.</summary>
/// <param name="Property">Which.</param>
/// <param name="Verdict">The answer.</param>
/// <param name="Path">To the state that broke or showed it.</param>
public sealed record PropertyResult(PropertySpec Property, PropertyVerdict Verdict, StatePath? Path);

/// <summary>What a search found, and how much it looked at.</summary>
public sealed record SearchResult
{
    /// <summary>One for each property of the model, in its order.</summary>
    public required IReadOnlyList<PropertyResult> Properties { get; init; }
    /// <summary>Different states.</summary>
    public required long States { get; init; }
    /// <summary>States that were looked at before, in searches that taught how the encoding guards its words and were
    /// begun anew; a bound of time covers them too.</summary>
    public long StatesBegunAnew { get; init; }
    /// <summary>Transitions, those to known states included.</summary>
    public required long Transitions { get; init; }
    /// <summary>Levels of the breadth-first search.</summary>
    public required int Depth { get; init; }
    /// <summary>Null if everything was looked at; else which bound ended it.</summary>
    public required string? Bound { get; init; }
    /// <summary>If a bound ended it: how many states there are in all, at least and at most, as far as the growth of
    /// its levels tells (<see cref="SizeEstimate"/>); null if it does not.</summary>
    public (long Least, long Most)? ExpectedStates { get; init; }
    /// <summary>Bytes that remain for each state: visited set and path.</summary>
    public required double BytesPerState { get; init; }
    /// <summary>Bytes that it had in files at its end, since memory was short.</summary>
    public long BytesInFiles { get; init; }
    /// <summary>Upper bound on the probability that two different states had one fingerprint; 0 when states were
    /// kept.</summary>
    public required double CollisionBound { get; init; }

    /// <summary>What came of searching again with a second hash, where one was not enough.</summary>
    public HashCheck? SecondHash { get; init; }

    /// <summary>What machines sent each other, where the search was not in one process.</summary>
    public SearchTraffic? Traffic { get; init; }

    /// <summary>Whether every state was looked at.</summary>
    public bool IsExhausted => Bound is null;

    /// <summary>What two searches come to of which each took other states for one. What either has a path to is
    /// true.</summary>
    internal SearchResult With(SearchResult second)
    {
        var check = new HashCheck(second.States, second.Bound);
        var isSame = second.IsExhausted && (second.States, second.Transitions) == (States, Transitions)
            && Properties.Select(p => p.Verdict).SequenceEqual(second.Properties.Select(p => p.Verdict));
        return isSame ? this with { SecondHash = check, CollisionBound = CollisionBound * second.CollisionBound }
            : !second.IsExhausted && second.Properties.All(p => p.Verdict != PropertyVerdict.Broken)
                ? this with { SecondHash = check }
            : this with
            {
                SecondHash = check,
                Bound = Invariant($"states taken for others: {States:N0} by one hash, {second.States:N0} by another"),
                Properties =
                [
                    .. Properties.Zip(second.Properties, (p, s) => p.Path is not null ? p : s.Path is not null ? s
                        : p with { Verdict = PropertyVerdict.NotDecided }),
                ],
            };
    }
}

/// <summary>A search with a second hash.</summary>
/// <param name="States">Its states.</param>
/// <param name="Bound">What ended it early; null if it looked at everything.</param>
public sealed record HashCheck(long States, string? Bound)
{
    /// <summary>What is said of it beside the probability of a collision.</summary>
    public string Words => Bound is null ? "with two hashes" : $"not repeated with a second hash: {Bound}";
}

/// <summary>What the machines of one search sent each other.</summary>
/// <param name="Machines">How many there were.</param>
/// <param name="Messages">That held something.</param>
/// <param name="Bytes">In them, envelopes apart.</param>
/// <param name="Asked">Candidates that were looked up on another machine.</param>
/// <param name="Moved">States that were expanded elsewhere than they were found.</param>
public sealed record SearchTraffic(int Machines, long Messages, long Bytes, long Asked, long Moved);
