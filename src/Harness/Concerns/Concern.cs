using System.Reflection;

namespace UapiLab.Harness.Concerns;

/// <summary>A worry of the thread as a question that is decided for any encoding.</summary>
public abstract class Concern
{
    /// <summary>C1 to C16, or whatever a plugin calls its own.</summary>
    public abstract string Id { get; }

    /// <summary>The worry in a few words.</summary>
    public abstract string Title { get; }

    /// <summary>The question that is decided.</summary>
    public abstract string Question { get; }

    /// <summary>Where it was raised.</summary>
    public abstract string Source { get; }

    /// <summary>How it is decided, and what the verdicts mean.</summary>
    public abstract string Method { get; }

    /// <summary>Whether a cell says something about other encodings too, so that it is out of date when one of them changes.</summary>
    public virtual bool LooksAtRivals => false;

    /// <summary>The code that decides it: a cell is out of date when that changes.</summary>
    public virtual Module Code => typeof(Concern).Module;

    /// <summary>Decides it.</summary>
    public abstract ConcernCell Decide(ConcernBench bench);
}
