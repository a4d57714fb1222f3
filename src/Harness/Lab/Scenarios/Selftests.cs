using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Selftest;

namespace UapiLab.Harness.Lab.Scenarios;

/// <summary>Programs that test a kernel which has an encoding.</summary>
public static class Selftests
{
    /// <summary>The program of an encoding, in C: what its ioctls refuse, a guest at a marked page, and its shortest
    /// histories.</summary>
    /// <param name="encoding">What is tested.</param>
    public static string Write(Encoding encoding) => KernelSelftest.Write(encoding, ScenarioSearch.Of(encoding));
}
