using UapiLab.Testing;
using UapiLab.Tests;

namespace UapiLab.Encodings.Tests.Conformance;

/// <summary>Rings have too many states to see them all on any but the smallest instances (README of the
/// encoding).</summary>
public abstract class ExitlessConformance(string spec) : BuiltInConformance(spec)
{
    protected override ConformanceSettings Settings => base.Settings with
    {
        MaxStates = Repeats.AreWanted ? 300_000 : 100_000,
        AllowsUndecided = true,
    };
}

public sealed class ExitlessArmedConformanceTests() : ExitlessConformance("exitless:ring=2");

public sealed class ExitlessAlwaysConformanceTests() : ExitlessConformance("exitless:notify=always,ring=1");
