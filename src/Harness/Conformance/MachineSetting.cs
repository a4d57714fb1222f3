using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Conformance;

/// <summary>Which machine a trace is held to.</summary>
/// <param name="Encoding">The userfault interface of the kernel, or none.</param>
/// <param name="KernelApf">Whether KVM starts APFs itself.</param>
/// <param name="Broken">Rules it does not keep; none outside the tests.</param>
internal sealed record MachineSetting(Encoding Encoding, bool KernelApf, RuleSet Broken)
{
    /// <summary>Counts the uses of rules over all vCPUs and states.</summary>
    public RuleUses Uses { get; } = new();

    /// <summary>The machine that a trace is to be held to: without an encoding, stock KVM.</summary>
    public static MachineSetting Of(ConformOptions options) =>
        new(options.Encoding ?? new StockKvm(), KernelApf: options.Encoding is null, options.Broken);

    /// <summary>Whether a rule is broken, where no machine asks.</summary>
    public bool Breaks(Rule rule)
    {
        Uses.Add(rule);
        return Broken.Contains(rule);
    }

    /// <summary>Shape of the machine of one vCPU.</summary>
    public MachineConfig Shape(int vcpuId, long frames) => new()
    {
        Vcpus = 1,
        TasksPerVcpu = 1,
        Gfns = frames,
        TlbEntries = 1,
        GuestApf = false,
        Backing = KernelApf
            ? Backing.Userfaultfd : Backing.Anonymous,
        KernelApf = KernelApf,
        FirstVcpuId = vcpuId,
        Broken = Broken,
        Uses = Uses,
        LogLimit = KernelApf ? 64
            : OperationWorld.DefaultLogLimit,
    };
}
