using UapiLab.Abstractions;

namespace UapiLab.Encodings.Userfaultfd;

/// <summary>Registers <c>kernel-apf</c>.</summary>
internal sealed class KernelApfFamily : IEncodingFamily
{
    public const string FamilyId = "kernel-apf";
    public const string OneLine =
        "KVM's own APF over userfaultfd: a look-up that would sleep goes to a worker, and the vCPU runs on.";

    public string Id => FamilyId;

    public string Summary => OneLine;

    public IReadOnlyList<OptionSpec> Options => [];

    public Encoding Create(OptionValues options) => new InKernelEncoding(
        FamilyId, OneLine, "KVM's async page faults as in mainline Linux (x86).",
            Interception.UserfaultfdWithKernelApf);
}
