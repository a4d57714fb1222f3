using UapiLab.Abstractions;
using UapiLab.Harness.Lab.Concerns.Catalog;

namespace UapiLab.Harness.Lab.Concerns;

/// <summary>A worry of the thread as a question that is decided for any encoding. It is a concern like a plugin's, and
/// its bench can do more.</summary>
public abstract class Concern : IConcern
{
    /// <summary>The concerns of the thread, in their order.</summary>
    public static IReadOnlyList<Concern> All { get; } =
    [
        KnowledgeConcern.SyncAndAsync, new C2NeverRuns(), KnowledgeConcern.OtherPurpose, KnowledgeConcern.OnItsWay,
        KnowledgeConcern.RaceWithTheCheck, new C6CostOfRechecking(), new C7WorstWorkload(), new C8Extensible(),
        new C9OneWay(), new C10AllOrNothing(), new C11ExitInVcpuContext(), new C12NotAtomic(), new C13Duplicated(),
        new C14CannotInject(), new C15Rearming(), new C16Hostile(),
        new C17Misuse(),
    ];

    /// <summary>C1 to C17.</summary>
    public abstract string Id { get; }

    /// <inheritdoc/>
    public abstract string Title { get; }

    /// <inheritdoc/>
    public abstract string Question { get; }

    /// <inheritdoc/>
    public abstract string Source { get; }

    /// <inheritdoc/>
    public abstract string Method { get; }

    /// <summary>Whether a cell says something about other encodings too, so that it is out of date when one of them
    /// changes.</summary>
    public virtual bool LooksAtRivals => false;

    /// <summary>Decides it, and gives the evidence itself.</summary>
    public abstract ConcernCell Decide(ConcernBench bench);

    ConcernAnswer IConcern.Decide(IConcernBench bench)
    {
        var cell = Decide((ConcernBench)bench);
        return new(cell.Verdict, cell.Summary);
    }
}
