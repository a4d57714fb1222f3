using System.Globalization;
using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>Registers <c>multi-bit</c>.</summary>
internal sealed class MultiBitFamily : IEncodingFamily
{
    public const string FamilyId = "multi-bit";
    public const string OneLine =
        "Two or more bits per gfn: the VMM says beforehand whether a fault will be sync or async.";

    public string Id => FamilyId;

    public string Summary => OneLine;

    public IReadOnlyList<OptionSpec> Options =>
    [
        new("bits", ["2", "4", "8"], "2",
            "Bits per gfn; from 4 on there are write-only, poison, intercept and reserved states."),
        new("layout", ["packed", "split"], "packed",
            "The bits of a gfn side by side in one word, or one bitmap per bit."),
        new("update", ["atomic", "plain"], "atomic",
            "plain: a shared word is changed by a load and a store, as two C statements would."),
    ];

    public Encoding Create(OptionValues options) => new MultiBitEncoding(
        new MultiBitOptions(
            int.Parse(options["bits"], CultureInfo.InvariantCulture),
            options["layout"] == "split",
            options["update"] == "plain"),
        FullName.Of(Id, Options, options));
}
