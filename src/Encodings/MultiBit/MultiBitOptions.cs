using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>Options of <c>multi-bit</c>.</summary>
/// <param name="Bits">bits=2 (default), 4 or 8 per frame.</param>
/// <param name="Split">layout=split: one bitmap per bit. Default packed: the bits of a frame side by side.</param>
/// <param name="Plain">update=plain: words are changed by a load and a store. Default atomic.</param>
internal readonly record struct MultiBitOptions(int Bits, bool Split, bool Plain)
{
    /// <summary>Whether write-only, poison and intercept can be expressed.</summary>
    public bool HasWideStates => Bits >= 4;

    /// <summary>The state in which the VMM arms a frame it predicts this of.</summary>
    public ulong ArmedState(Prediction prediction) => prediction switch
    {
        Prediction.Async => FrameState.FaultAsync,
        Prediction.SoonThere => FrameState.InFlight,
        Prediction.Intercept when HasWideStates => FrameState.Intercept,
        _ => FrameState.FaultSync,
    };
}
