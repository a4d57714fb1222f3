namespace UapiLab.Harness.Conformance;

/// <summary>What all states of one vCPU's frontier share.</summary>
/// <param name="VcpuId">The vCPU.</param>
/// <param name="Assumptions">What is known of the guest.</param>
/// <param name="Observed">Kinds the recorder had enabled.</param>
/// <param name="Order">Outstanding APFs.</param>
/// <param name="Bits">What is known of the VMM's bitmap.</param>
/// <param name="Setting">The machine.</param>
internal sealed record LaneContext(int VcpuId, ScenarioAssumptions Assumptions, ObservedKinds Observed,
    AppendOrder Order, ClearedBits Bits, MachineSetting Setting);
