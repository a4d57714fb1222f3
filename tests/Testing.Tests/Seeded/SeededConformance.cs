using UapiLab.Abstractions;

namespace UapiLab.Testing.Tests.Seeded;

/// <summary>The kit as an author has it: a class that inherits it and says which encoding, here out of the plugin.</summary>
public abstract class SeededConformance(Encoding encoding) : EncodingConformance
{
    protected override Encoding Encoding => encoding;

    protected override ConformanceSettings Settings => ConformanceSettings.Default with { Threads = 2 };
}
