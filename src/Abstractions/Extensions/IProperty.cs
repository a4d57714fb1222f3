namespace UapiLab.Abstractions;

/// <summary>A property that <c>check</c> decides beside its own: a small automaton over the events of a run. It is
/// registered by being a public sealed class with a constructor without parameters; it may have read-only fields
/// only.</summary>
/// <remarks>What it remembers of a run is the one word that it is handed: that word is part of the state that the
/// search explores, so the fewer values it takes, the better. With such a property, states that differ in the names of
/// vCPUs and frames only count as different, and every event that is watched is a scheduling point.</remarks>
public interface IProperty
{
    /// <summary>As typed on the command line: lower case, digits and dashes.</summary>
    string Name { get; }

    /// <summary>What holds when it holds, one sentence; of one that is to be seen, what is seen.</summary>
    string Doc { get; }

    /// <summary>What has happened when it is shown, one sentence for the head of a history.</summary>
    string Outcome { get; }

    /// <summary>Whether it breaks where it is shown. Otherwise it says that something is reached: it is to be seen in
    /// some run, and a history leads there on demand (<c>--show</c>).</summary>
    bool IsNever { get; }

    /// <summary>Kinds of event that it is asked about; at least one.</summary>
    IReadOnlyList<RunEventKind> Watches { get; }

    /// <summary>Takes an event of a kind that it watches into account.</summary>
    /// <param name="e">The event, in the order of the run, those of set-up included.</param>
    /// <param name="memory">What it remembers of this run; 0 at first. It must depend on the events alone.</param>
    /// <returns>Whether the event shows it.</returns>
    bool Shows(in RunEvent e, ref ulong memory);
}
