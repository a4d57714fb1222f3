using UapiLab.Abstractions;

namespace UapiLab.SeededPlugins;

/// <summary>A family of the test kit as a plugin offers one.</summary>
public abstract class SeededFamily : IEncodingFamily
{
    private readonly IEncodingFamily family;

    private protected SeededFamily(IEncodingFamily family) => this.family = family;

    public string Id => family.Id;

    public string Summary => family.Summary;

    public IReadOnlyList<OptionSpec> Options => family.Options;

    public Encoding Create(OptionValues options) => family.Create(options);
}
