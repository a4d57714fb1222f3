using UapiLab.Abstractions;

namespace UapiLab.Encodings.NeverAsync;

/// <summary>Registers <c>never-async</c>.</summary>
internal sealed class NeverAsyncFamily : IEncodingFamily
{
    public const string FamilyId = "never-async";
    public const string OneLine = "Every marked gfn exits and is resolved before KVM_RUN; no APF is ever started.";

    public string Id => FamilyId;

    public string Summary => OneLine;

    public IReadOnlyList<OptionSpec> Options => [];

    public Encoding Create(OptionValues options) => new NeverAsyncEncoding();
}
