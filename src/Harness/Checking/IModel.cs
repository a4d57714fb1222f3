namespace UapiLab.Harness.Checking;

/// <summary>
/// A transition system as the search sees it. States are byte strings in a canonical form that the model chooses: two
/// states are the same exactly when their bytes are. The search knows nothing of what they mean.
/// </summary>
internal interface IModel
{
    /// <summary>What is searched, for reports.</summary>
    string Name { get; }

    /// <summary>What is looked for; a property is named by its position. At most 64.</summary>
    IReadOnlyList<PropertySpec> Properties { get; }

    /// <summary>Sets of processes that may have each other's names in a state, bit i = process i: what one of them does
    /// around a cycle of states, several may have done in turn.</summary>
    IReadOnlyList<ulong> Interchangeable => [];

    /// <summary>Makes what one thread of the search uses. Workers of one model agree on every state and every
    /// action.</summary>
    IModelWorker CreateWorker();
}

/// <summary>One thread's way into a model.</summary>
internal interface IModelWorker : IDisposable
{
    /// <summary>Adds every initial state, in a fixed order.</summary>
    void Initial(ISuccessors successors);

    /// <summary>Adds every successor of a state, in an order that depends on the state alone. The position of a
    /// successor in that order is its action: with the initial state's number, a list of actions names a
    /// path.</summary>
    /// <param name="state">As it was given to <see cref="ISuccessors.Add"/>.</param>
    /// <param name="remainingBudget">With it.</param>
    /// <param name="successors">Takes them.</param>
    void Expand(ReadOnlySpan<byte> state, byte remainingBudget, ISuccessors successors);
}

/// <summary>Takes what a model says about one state.</summary>
internal interface ISuccessors
{
    /// <summary>One transition.</summary>
    /// <param name="next">The state it leads to; copied before the call returns. Of any length.</param>
    /// <param name="step">Who takes it, and what it shows.</param>
    void Add(ReadOnlySpan<byte> next, in StepInfo step);

    /// <summary>Something about the expanded state itself: bit i = property i, read as in
    /// <see cref="StepInfo.Observed"/>. A lost wake-up is seen here, in a state where no actor has to do
    /// anything.</summary>
    void Observe(ulong properties);
}

/// <summary>What the search needs to know of a transition besides its target.</summary>
/// <param name="Process">Who takes it: fairness, context switches and priorities count by process. 0 to 62.</param>
/// <param name="Observed">Bit i = property i. Always: broken by this step. Sometimes: seen. Eventually:
/// reached.</param>
/// <param name="IsLocal">The step commutes with every step of every other process and shows no property: alone it may
/// stand for all interleavings (partial-order reduction).</param>
/// <param name="RemainingBudget">What the environment may still do in the target state, one bit each, apart from the
/// state's bytes. A step that spends none keeps them all, and having more never takes a behaviour away: so a state need
/// not be looked at again with fewer.</param>
/// <param name="IsOptional">The environment may never take it, whatever fairness says: a signal, a failing
/// copy.</param>
internal readonly record struct StepInfo(int Process, ulong Observed, bool IsLocal = false, bool IsOptional = false,
    byte RemainingBudget = 0);

/// <summary>How a property is read.</summary>
public enum PropertyKind : byte
{
    /// <summary>Never broken.</summary>
    Always,
    /// <summary>Seen at least once, or the pass says nothing about it.</summary>
    Sometimes,
    /// <summary>Reached on every fair run: broken by a fair cycle that never shows it.</summary>
    Eventually,
}

/// <summary>A property by name.</summary>
/// <param name="Name">Lower case with dashes, as typed on the command line.</param>
/// <param name="Kind">How it is read.</param>
/// <param name="Doc">One sentence: what holds when it holds.</param>
public sealed record PropertySpec(string Name, PropertyKind Kind, string Doc)
{
    /// <summary>Whether a search that ends at the first broken property goes on where this one is: it is a matter of
    /// good manners, and what is worse may come behind it.</summary>
    public bool LetsSearchGoOn { get; init; }
}

/// <summary>Sets of properties: bit i = property i.</summary>
internal static class PropertyBits
{
    /// <summary>The properties for which something is true.</summary>
    public static ulong Bits<T>(this IEnumerable<T> properties, Func<T, bool> isMember) =>
        properties.Select((p, i) => isMember(p) ? 1UL << i : 0).Aggregate(0UL, (bits, bit) => bits | bit);
}

/// <summary>
/// A model that can be walked in place, without saving states: for random and priority-based schedules of machines too
/// big to exhaust. One walk at a time for each instance.
/// </summary>
internal interface IWalk : IDisposable
{
    /// <summary>Back to an initial state.</summary>
    void Reset();

    /// <summary>Processes that can take a step now, as a bit mask.</summary>
    ulong Enabled { get; }

    /// <summary>One step of an enabled process. A further choice within the step is <paramref name="pick"/>(n), 0 to n
    /// - 1.</summary>
    /// <returns>Properties, as in <see cref="StepInfo.Observed"/>.</returns>
    ulong Step(int process, Func<int, int> pick);
}
