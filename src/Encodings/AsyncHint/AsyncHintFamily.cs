using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>Registers <c>async-hint</c>.</summary>
internal sealed class AsyncHintFamily : IEncodingFamily
{
    public const string FamilyId = "async-hint";
    public const string OneLine =
        "One bit per gfn; after the exit the VMM tells KVM whether it handles the fault asynchronously.";

    public string Id => FamilyId;

    public string Summary => OneLine;

    public IReadOnlyList<OptionSpec> Options =>
    [
        new("inject", ["at-reentry", "at-fault"], "at-reentry",
            "When page-not-present is injected: at re-entry, after the VMM's answer, or at the fault, before it."),
    ];

    public Encoding Create(OptionValues options) =>
        new AsyncHintEncoding(options["inject"] == "at-fault", FullName.Of(Id, Options, options));
}
