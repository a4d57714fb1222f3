using UapiLab.Abstractions;
using UapiLab.Encodings.AsyncHint;
using UapiLab.Encodings.Exitless;
using UapiLab.Encodings.MultiBit;
using UapiLab.Encodings.NeverAsync;
using UapiLab.Encodings.Oracle;
using UapiLab.Encodings.SingleBit;
using UapiLab.Encodings.Userfaultfd;

namespace UapiLab.Encodings;

/// <summary>The encodings that come with the lab.</summary>
public static class BuiltInEncodings
{
    /// <summary>Every family, in the order in which tables show them: reference points first.</summary>
    public static IReadOnlyList<IEncodingFamily> All =>
    [
        new NeverAsyncFamily(),
        new OracleFamily(),
        new UserfaultfdFamily(),
        new KernelApfFamily(),
        new SingleBitFamily(),
        new MultiBitFamily(),
        new AsyncHintFamily(),
        new ExitlessFamily(),
    ];
}
