using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Comparisons;

namespace UapiLab.Harness.Lab.Proposals;

/// <summary>A statement about a concern of the thread.</summary>
/// <param name="Concern">C1 to C17.</param>
/// <param name="Verdict">What is claimed.</param>
/// <param name="Text">The statement in words.</param>
/// <param name="Encoding">Of which encoding; the proposal's own unless it says so.</param>
internal sealed record ConcernClaim(string Concern, ConcernVerdict Verdict, string Text, PlannedEncoding Encoding);

/// <summary>A statement about a property on an instance of the checker.</summary>
/// <param name="Property">As typed.</param>
/// <param name="Instance">The machine.</param>
/// <param name="IsBroken">Whether it is claimed to be broken, or seen, rather than to hold, or never to be
/// seen.</param>
/// <param name="Text">The statement in words.</param>
/// <param name="Encoding">Of which encoding; a variant that is small enough to be decided, say.</param>
internal sealed record PropertyClaim(string Property, CheckInstance Instance, bool IsBroken, string Text,
    PlannedEncoding Encoding);

/// <summary>A proposal with its claims.</summary>
/// <param name="Folder">Folder name below <c>proposals</c>.</param>
/// <param name="Title">Title.</param>
/// <param name="Status">draft, proposed or withdrawn.</param>
/// <param name="Encoding">The encoding proposed.</param>
/// <param name="Claims">In the order of the file.</param>
public sealed record Proposal(string Folder, string Title, string Status, PlannedEncoding Encoding,
    IReadOnlyList<Claim> Claims)
{
    /// <summary>What it says of concerns.</summary>
    internal IReadOnlyList<ConcernClaim> Concerns { get; init; } = [];

    /// <summary>What it says of properties.</summary>
    internal IReadOnlyList<PropertyClaim> Properties { get; init; } = [];
}
