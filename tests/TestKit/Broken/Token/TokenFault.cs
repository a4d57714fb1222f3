using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>What is wrong with a token-keyed encoding. The default is one that is right: the control.</summary>
/// <param name="AsksCanDo">False: KVM injects with interrupts off, or with an event pending.</param>
/// <param name="CompletesOnce">False: KVM trusts that a token gets one READY; a second one appends the APF a second
/// time.</param>
/// <param name="Readies">How many READYs each token gets; 1 is right.</param>
/// <param name="Clears">When the bit is cleared.</param>
/// <param name="ClearOrder">Order of the clearing access.</param>
/// <param name="ClearsAtomically">False: the word is read, changed and written back.</param>
/// <param name="HoldsLock">False: READY releases the lock between its look-up and the completion.</param>
/// <param name="CountsRepeats">True: a READY that is refused leaves a count behind.</param>
internal sealed record TokenFault(
    bool AsksCanDo = true,
    bool CompletesOnce = true,
    int Readies = 1,
    ClearPoint Clears = ClearPoint.ContentArrived,
    MemoryOrder ClearOrder = MemoryOrder.Release,
    bool ClearsAtomically = true,
    bool HoldsLock = true,
    bool CountsRepeats = false);

/// <summary>When the bit of a frame is cleared.</summary>
internal enum ClearPoint : byte
{
    /// <summary>When the content is there: right.</summary>
    ContentArrived,
    /// <summary>At the exit, before anything was fetched.</summary>
    Exit,
    /// <summary>When the fetch is issued.</summary>
    FetchStarted,
    /// <summary>Not at all.</summary>
    Never,
}
