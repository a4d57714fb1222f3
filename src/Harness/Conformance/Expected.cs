using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>An event that the machine has emitted and the trace has not shown yet.</summary>
/// <param name="Kind">What.</param>
/// <param name="Gfn">Page, where it has one.</param>
/// <param name="Value">Token or vector.</param>
internal readonly record struct Expected(RecordedKind Kind, ulong Gfn, ulong Value)
{
    public override string ToString() => Tracepoints.NameOf(Kind) + Kind switch
    {
        RecordedKind.NotPresent => Invariant($": token 0x{Value:x} for gfn 0x{Gfn:x}"),
        RecordedKind.RepeatedFault => Invariant($" for gfn 0x{Gfn:x}"),
        RecordedKind.AcceptInterrupt => Invariant($": vec {Value}"),
        RecordedKind.UserspaceExit => Invariant($": a memory fault for gfn 0x{Gfn:x}"),
        _ => "",
    };
}
