using UapiLab.Abstractions;
using UapiLab.Harness.Registry;
using UapiLab.Testing;

namespace UapiLab.Encodings.Tests.Conformance;

/// <summary>The kit on an encoding that comes with the lab, by the name one would type.</summary>
public abstract class BuiltInConformance(string spec) : EncodingConformance
{
    protected override Encoding Encoding => new EncodingRegistry(BuiltInEncodings.All).Resolve(spec);
}
