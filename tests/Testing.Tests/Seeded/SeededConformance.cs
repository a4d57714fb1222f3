using UapiLab.Abstractions;
using UapiLab.Tests;

namespace UapiLab.Testing.Tests.Seeded;

/// <summary>The kit as an author has it: a class that inherits it and says which encoding, here out of the
/// plugin.</summary>
public abstract class SeededConformance(Encoding encoding) : EncodingConformance
{
    protected override Encoding Encoding => encoding;

    /// <summary>The usual amount with <see cref="Repeats"/>; else fewer cases, and interleavings only so far.</summary>
    protected override ConformanceSettings Settings => Repeats.AreWanted
        ? ConformanceSettings.Default with { Threads = 2 }
        : new() { Threads = 2, Cases = 150, Rounds = 45, MaxStates = 15_000, AllowsUndecided = true };
}
