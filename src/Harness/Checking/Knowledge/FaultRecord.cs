using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>What a run has made true of each vCPU's latest fault, and of what the VMM predicted: kept beside the
/// machine's state, because the machine forgets it as soon as no actor needs it any more.</summary>
/// <param name="Bits">Eight bits a vCPU: its fault's outcome (2), a fault was taken (1), its fetch was under way
/// already (1), KVM injected not-present for it (1), the prediction in force at that moment plus one (3). From bit 24
/// on three bits a frame: the prediction plus one.</param>
internal readonly record struct FaultRecord(ulong Bits)
{
    private const int BitsPerVcpu = 8, Predictions = 24, BitsPerGfn = 3;

    /// <summary>vCPUs that fit.</summary>
    public const int MostVcpus = Predictions / BitsPerVcpu;

    public FaultOutcome Outcome(int vcpu) => (FaultOutcome)(Bits >> (vcpu * BitsPerVcpu) & 3);

    public bool HasFaulted(int vcpu) => (Bits >> ((vcpu * BitsPerVcpu) + 2) & 1) != 0;

    public bool WasOnItsWay(int vcpu) => (Bits >> ((vcpu * BitsPerVcpu) + 3) & 1) != 0;

    public bool WasInjected(int vcpu) => (Bits >> ((vcpu * BitsPerVcpu) + 4) & 1) != 0;

    /// <summary>The latest; null as long as there is none.</summary>
    public Prediction? Prediction(ulong gfn) => Decoded(Bits >> Shift(gfn));

    /// <summary>The one in force when KVM injected for the vCPU's fault.</summary>
    public Prediction? PredictionAtInjection(int vcpu) => Decoded(Bits >> ((vcpu * BitsPerVcpu) + 5));

    private static Prediction? Decoded(ulong bits) => (bits & 7) is > 0 and var p ? (Prediction)(p - 1) : null;

    public FaultRecord WithFault(int vcpu, bool onItsWay) =>
        Vcpu(vcpu, 4UL | (onItsWay ? 8UL : 0));

    public FaultRecord WithOutcome(int vcpu, FaultOutcome outcome) =>
        Vcpu(vcpu, (Bits >> (vcpu * BitsPerVcpu) & 252) | (ulong)outcome);

    /// <summary>KVM commits itself: what userspace predicts later cannot excuse it.</summary>
    public FaultRecord WithInjection(int vcpu, ulong gfn) =>
        Vcpu(vcpu, (Bits >> (vcpu * BitsPerVcpu) & 15) | 16UL | (Bits >> Shift(gfn) & 7) << 5);

    public FaultRecord WithPrediction(ulong gfn, Prediction prediction) =>
        new((Bits & ~(7UL << Shift(gfn))) | ((ulong)prediction + 1) << Shift(gfn));

    private static int Shift(ulong gfn) => Predictions + ((int)gfn * BitsPerGfn);

    private FaultRecord Vcpu(int vcpu, ulong value) =>
        new((Bits & ~(255UL << (vcpu * BitsPerVcpu))) | value << (vcpu * BitsPerVcpu));
}
