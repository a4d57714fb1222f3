using UapiLab.Abstractions;

namespace UapiLab.Encodings.Userfaultfd;

/// <summary>Registers <c>kernel-apf</c>.</summary>
internal sealed class KernelApfFamily : IEncodingFamily
{
    public const string FamilyId = "kernel-apf";
    public const string OneLine =
        "KVM's own APF over userfaultfd: a look-up that would sleep goes to a worker, and the vCPU runs on.";

    private const string SwapOneLine =
        "KVM's own APF over swap, a reference point: only a page that needs I/O goes to a worker; one that is "
            + "local or in zswap is brought in on the spot.";

    private const string Origin = "KVM's async page faults as in mainline Linux (x86).";

    public string Id => FamilyId;

    public string Summary => OneLine;

    public IReadOnlyList<OptionSpec> Options =>
    [
        new("source", ["uffd", "swap"], "uffd",
            "Where missing pages come from: a reader of the userfaultfd, of whose pages KVM knows nothing; or swap, "
                + "where KVM tells what needs I/O from what is local or in zswap."),
    ];

    public Encoding Create(OptionValues options) => options["source"] == "swap"
        ? new InKernelEncoding(FamilyId, FullName.Of(Id, Options, options), SwapOneLine, Origin,
            Interception.SwapWithKernelApf)
        : new InKernelEncoding(FamilyId, FamilyId, OneLine, Origin, Interception.UserfaultfdWithKernelApf);
}
