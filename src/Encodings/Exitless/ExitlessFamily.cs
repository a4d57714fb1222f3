using System.Globalization;
using UapiLab.Abstractions;

namespace UapiLab.Encodings.Exitless;

/// <summary>Registers <c>exitless</c>.</summary>
internal sealed class ExitlessFamily : IEncodingFamily
{
    public const string FamilyId = "exitless";
    public const string OneLine =
        "Faults and completions go through two rings in a shared page, with eventfds instead of exits and ioctls.";

    public string Id => FamilyId;

    public string Summary => OneLine;

    public IReadOnlyList<OptionSpec> Options =>
    [
        new("notify", ["armed", "always"], "armed",
            "When KVM signals the eventfd: if the consumer armed it, or at each entry."),
        new("ring", ["64", "2", "1"], "64", "Entries of each ring; the series has 64, small ones are for checking."),
    ];

    public Encoding Create(OptionValues options)
    {
        var ring = int.Parse(options["ring"], CultureInfo.InvariantCulture);
        var smallest = ring == 1 ? null
            : Create(new OptionValues(
            Options.ToDictionary(o => o.Name, o => o.Name == "ring" ? "1" : options[o.Name])));
        return new ExitlessEncoding(ring, options["notify"] == "always", FullName.Of(Id, Options, options), smallest);
    }
}
