using UapiLab.Abstractions;
using UapiLab.Testing;

/// <summary>Every property of the conformance kit is a test of this class. An encoding with options wants one such
/// class for each combination that it is worth arguing for.</summary>
public sealed class MyIdeaConformance : EncodingConformance
{
    protected override Encoding Encoding => new MyIdeaEncoding();
}
