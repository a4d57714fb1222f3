using UapiLab.Abstractions;

namespace UapiLab.SeededPlugins;

/// <summary>A family of the test kit as a plugin offers one.</summary>
public abstract class SeededFamily : IEncodingFamily
{
    private readonly IEncodingFamily _family;

    private protected SeededFamily(IEncodingFamily family) => this._family = family;

    public string Id => _family.Id;

    public string Summary => _family.Summary;

    public IReadOnlyList<OptionSpec> Options => _family.Options;

    public Encoding Create(OptionValues options) => _family.Create(options);
}
