using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Registers one broken encoding.</summary>
internal sealed class BrokenFamily(string id, string summary, Func<string, string, OptionValues, Encoding> create,
    params OptionSpec[] options)
    : IEncodingFamily
{
    public string Id => id;

    public string Summary => summary;

    public IReadOnlyList<OptionSpec> Options => options;

    public Encoding Create(OptionValues values) => create(id, summary, values);
}
