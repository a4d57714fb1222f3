using UapiLab.Abstractions;

namespace UapiLab.Encodings.SingleBit;

/// <summary>Registers <c>single-bit</c>.</summary>
internal sealed class SingleBitFamily : IEncodingFamily
{
    public const string FamilyId = "single-bit";
    public const string OneLine =
        "One bit per gfn; KVM injects page-not-present at the fault and exits with its token.";

    public string Id => FamilyId;

    public string Summary => OneLine;

    public IReadOnlyList<OptionSpec> Options =>
    [
        new("apf", ["on", "off"], "on", "Whether KVM starts APFs at marked gfns; off is KVM Userfault alone."),
        new("variant", ["repaired", "as-posted", "as-posted-items"], "repaired",
            "With apf=on: as-posted keeps the defects of the RFC; statements about the RFC use that one. "
                + "as-posted-items also does with the memory of its items what the RFC does."),
    ];

    public Encoding Create(OptionValues options) => new SingleBitEncoding(
        new SingleBitOptions(options["apf"] == "on", options["variant"] == "repaired",
            options["apf"] == "on" && options["variant"] == "as-posted-items"),
        FullName.Of(Id, Options, options));
}
