namespace UapiLab.Harness.Simulation.Traces;

/// <summary>One recorded fault; both think times are kept because which is used is known only at the end.</summary>
/// <param name="GuestRanNs">Guest-running time since the vCPU's previous fault, ns of the recorder's clock.</param>
/// <param name="PassedNs">Time since the vCPU's previous fault, ns of the recorder's clock.</param>
/// <param name="Gfn">Dense page number.</param>
/// <param name="Flags">Write and Kernel.</param>
internal readonly record struct KvmFault(long GuestRanNs, long PassedNs, long Gfn, TraceAccessFlags Flags);
