using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;

namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>What came out of a question about knowledge.</summary>
public enum KnowledgeVerdict : byte
{
    /// <summary>After whatever KVM has seen, at most one of the two is possible when it injects.</summary>
    Holds,
    /// <summary>Two runs that look the same to KVM and need different things of it.</summary>
    Broken,
    /// <summary>KVM never injects on this machine, or one of the two never occurs, so that there is nothing to
    /// tell.</summary>
    NothingToDecide,
    /// <summary>A bound was hit, and no pair had been found.</summary>
    NotDecided,
}

/// <summary>The answer to one question.</summary>
/// <param name="Id">Concern.</param>
/// <param name="Doc">What was found, in a sentence that agrees with the verdict.</param>
/// <param name="Verdict">The answer.</param>
/// <param name="Views">Different things KVM can have seen when it injects.</param>
/// <param name="Ambiguous">Those after which both are possible.</param>
/// <param name="OnlyFirst">Those after which the injection is needless in every run.</param>
/// <param name="Truthful">The same on the runs in which what the VMM had predicted when KVM injected comes
/// true.</param>
/// <param name="Witness">The pair with the fewest things seen; one in which every prediction comes true, if there is
/// one.</param>
public sealed record KnowledgeFinding(string Id, string Doc, KnowledgeVerdict Verdict, int Views, int Ambiguous,
    int OnlyFirst, KnowledgeVerdict Truthful, WitnessPair? Witness);

/// <summary>What KVM can know with an encoding.</summary>
/// <param name="Encoding">With its options, as typed.</param>
/// <param name="Instance">The machine.</param>
/// <param name="States">States of it, without any reduction.</param>
/// <param name="Findings">One for each question.</param>
/// <param name="Table">Who knows what in a run that hands a fault off; null if a bound was hit.</param>
public sealed record KnowledgeOutcome(string Encoding, CheckInstance Instance, long States,
    IReadOnlyList<KnowledgeFinding> Findings, KnowledgeTable? Table);
