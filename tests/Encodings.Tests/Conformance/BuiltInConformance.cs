using UapiLab.Abstractions;
using UapiLab.Harness.Registry;
using UapiLab.Testing;
using UapiLab.Tests;

namespace UapiLab.Encodings.Tests.Conformance;

/// <summary>The kit on an encoding that comes with the lab, by the name one would type. With <see cref="Repeats"/> it
/// does its usual amount, without a seventh of it.</summary>
public abstract class BuiltInConformance(string spec) : EncodingConformance
{
    protected override Encoding Encoding => new EncodingRegistry(BuiltInEncodings.All).Resolve(spec);

    protected override ConformanceSettings Settings => Repeats.AreWanted
        ? ConformanceSettings.Default
        : ConformanceSettings.Default with { Cases = 150, Rounds = 45 };
}

/// <summary>The same beside those that are tried in full: interleavings only so far, but for
/// <see cref="Repeats"/>.</summary>
public abstract class VariantConformance(string spec) : BuiltInConformance(spec)
{
    protected override ConformanceSettings Settings => Repeats.AreWanted
        ? base.Settings
        : base.Settings with { MaxStates = 15_000, AllowsUndecided = true };
}
