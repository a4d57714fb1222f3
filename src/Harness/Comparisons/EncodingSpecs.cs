using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Registry;

namespace UapiLab.Harness.Comparisons;

/// <summary>Plans made from the names of encodings.</summary>
public static class EncodingSpecs
{
    /// <summary>An encoding of the registry, with all its options spelled out.</summary>
    /// <param name="registry">Where the encodings are.</param>
    /// <param name="spec">As typed: <c>id</c> or <c>id:option=value,…</c>.</param>
    /// <param name="reportedAsItComesOut">Its violations are results, not failures.</param>
    /// <param name="note">Remark for the reader.</param>
    /// <exception cref="InputException">The specification is wrong.</exception>
    public static PlannedEncoding Plan(EncodingRegistry registry, string spec, bool reportedAsItComesOut = false,
        string note = "")
    {
        var encoding = registry.Resolve(spec);
        var given = SpecText.Parse(spec);
        var family = registry.Families.First(f => f.Id == given.Id);
        var options = family.Options.Select(o => KeyValuePair.Create(
            o.Name, given.Options.Where(g => g.Key == o.Name).Select(g => g.Value).FirstOrDefault(o.Default)));
        return new(encoding, [.. options], reportedAsItComesOut, note);
    }
}
