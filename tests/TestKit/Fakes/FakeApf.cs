using UapiLab.Abstractions;

namespace UapiLab.TestKit.Fakes;

/// <summary>One entry of a vCPU's APF queue.</summary>
public sealed record FakeApf(ApfRef Ref, Gfn Prefault)
{
    public bool Injected { get; set; }
}
