using UapiLab.Abstractions;

namespace UapiLab.Encodings.Oracle;

/// <summary>Registers <c>oracle</c>.</summary>
internal sealed class OracleFamily : IEncodingFamily
{
    public const string FamilyId = "oracle";
    public const string OneLine = "Starts an APF only where the ground truth of the fault says that it will pay.";

    public string Id => FamilyId;

    public string Summary => OneLine;

    public IReadOnlyList<OptionSpec> Options => [];

    public Encoding Create(OptionValues options) => new OracleEncoding();
}
