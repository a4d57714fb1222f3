using UapiLab.Testing;
using UapiLab.Tests;

namespace UapiLab.Encodings.Tests.Conformance;

/// <summary>Rings have too many states to see them all on any but the smallest instances (README of the
/// encoding).</summary>
/// <param name="spec">The encoding.</param>
/// <param name="states">How many are looked at, but for <see cref="Repeats"/>.</param>
public abstract class ExitlessConformance(string spec, long states) : BuiltInConformance(spec)
{
    protected override ConformanceSettings Settings => base.Settings with
    {
        MaxStates = Repeats.AreWanted ? 400_000 : states,
        AllowsUndecided = true,
    };
}

public sealed class ExitlessArmedConformanceTests() : ExitlessConformance("exitless:ring=2", 40_000);

public sealed class ExitlessAlwaysConformanceTests() : ExitlessConformance("exitless:notify=always,ring=1", 20_000);
