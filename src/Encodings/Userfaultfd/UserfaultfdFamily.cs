using UapiLab.Abstractions;

namespace UapiLab.Encodings.Userfaultfd;

/// <summary>Registers <c>userfaultfd</c>.</summary>
internal sealed class UserfaultfdFamily : IEncodingFamily
{
    public const string FamilyId = "userfaultfd";
    public const string OneLine =
        "No exit: the vCPU thread sleeps in the kernel until a reader of the userfaultfd has placed the page.";

    public string Id => FamilyId;

    public string Summary => OneLine;

    public IReadOnlyList<OptionSpec> Options => [];

    public Encoding Create(OptionValues options) => new InKernelEncoding(
        FamilyId, FamilyId, OneLine, "userfaultfd as in mainline Linux; what post-copy and snapshot restore use today.",
            Interception.Userfaultfd);
}
