namespace UapiLab.Harness.Simulation.Traces;

/// <summary>The accesses of one vCPU (or one recorded process) in their order.</summary>
/// <param name="Name">A name unique in its trace, such as <c>vcpu 0</c>.</param>
/// <param name="Accesses">At least one access, in program order.</param>
/// <param name="TailThinkNs">Time computed after the last access until the recording ended, in ns, 0 or more.</param>
public sealed record VcpuTrace(string Name, TraceAccess[] Accesses, long TailThinkNs);
