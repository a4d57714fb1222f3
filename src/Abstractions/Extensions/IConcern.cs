namespace UapiLab.Abstractions;

/// <summary>A concern that <c>concerns</c> decides beside those of the thread. It is registered by being a public class
/// with a constructor without parameters.</summary>
public interface IConcern
{
    /// <summary>Short and not taken: not C1 to C17.</summary>
    string Id { get; }

    /// <summary>The worry in a few words.</summary>
    string Title { get; }

    /// <summary>The question that is decided for an encoding.</summary>
    string Question { get; }

    /// <summary>Where it was raised.</summary>
    string Source { get; }

    /// <summary>How it is decided, and what each verdict means.</summary>
    string Method { get; }

    /// <summary>Decides it for one encoding. Whatever is asked of the bench becomes the evidence; a verdict for which
    /// nothing was asked counts as not decided.</summary>
    ConcernAnswer Decide(IConcernBench bench);
}

/// <summary>A verdict and why.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Why">In a few words, with the number that decided.</param>
public sealed record ConcernAnswer(ConcernVerdict Verdict, string Why);

/// <summary>What a concern may ask about the encoding it decides about. Every question is evidence of the cell, with
/// the command that repeats it.</summary>
public interface IConcernBench
{
    /// <summary>The encoding's uAPI.</summary>
    EncodingDescription Description { get; }

    /// <summary>Every interleaving of a small machine, or of the largest smaller one that can be exhausted.</summary>
    /// <param name="instance">As after <c>check --instance</c>, for example <c>re-arm:vcpus=1</c>.</param>
    /// <exception cref="ArgumentException">There is no such instance.</exception>
    ExploredMachine Explore(string instance);

    /// <summary>A metric of a workload.</summary>
    /// <param name="workload">As after <c>compare --workload</c>.</param>
    /// <param name="metric">A name of docs/metrics.md, for example <c>backToBackApf</c>.</param>
    /// <returns>Null if a run failed or did not finish.</returns>
    /// <exception cref="ArgumentException">There is no such workload or metric.</exception>
    MeasuredValue? Measure(string workload, string metric);

    /// <summary>The same for each fault of the workload.</summary>
    /// <param name="workload">As after <c>compare --workload</c>.</param>
    /// <param name="metric">A name of docs/metrics.md, for example <c>backToBackApf</c>.</param>
    /// <returns>Null if a run failed or did not finish.</returns>
    /// <exception cref="ArgumentException">There is no such workload or metric.</exception>
    MeasuredValue? PerFault(string workload, string metric);

    /// <summary>How many times as fast as to exit and block (never-async) a workload is.</summary>
    /// <param name="workload">As after <c>compare --workload</c>.</param>
    /// <returns>Null if a run failed or did not finish.</returns>
    /// <exception cref="ArgumentException">There is no such workload.</exception>
    MeasuredValue? Speedup(string workload);
}

/// <summary>What exploring a machine came to.</summary>
/// <param name="Machine">The instance that was exhausted: what was asked for, or a smaller one.</param>
/// <param name="IsExhausted">Every interleaving was looked at, unless something broke before.</param>
/// <param name="States">How many states that were.</param>
/// <param name="Broken">Properties that are broken, by name; the search ends at the first.</param>
/// <param name="Seen">Sometimes-properties that were seen, by name.</param>
public sealed record ExploredMachine(string Machine, bool IsExhausted, long States, IReadOnlyList<string> Broken,
    IReadOnlyList<string> Seen);

/// <summary>A number with its 95 % interval over the seeds.</summary>
/// <param name="Mean">Mean.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct MeasuredValue(decimal Mean, decimal Low, decimal High);
