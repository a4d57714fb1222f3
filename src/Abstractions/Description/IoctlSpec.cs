namespace UapiLab.Abstractions;

/// <summary>The file descriptor an ioctl is called on.</summary>
public enum IoctlTarget : byte
{
    /// <summary>A vCPU's.</summary>
    Vcpu,
    /// <summary>A VM's.</summary>
    Vm,
    /// <summary>/dev/kvm.</summary>
    System,
}

/// <summary>An operation of an ioctl that has several.</summary>
/// <param name="Name">Macro name.</param>
/// <param name="Value">What the selecting field holds.</param>
/// <param name="Doc">One sentence.</param>
public sealed record OperationSpec(string Name, uint Value, string Doc);

/// <summary>An ioctl.</summary>
/// <param name="Name">Macro name.</param>
/// <param name="Number">Command number under the KVM magic 0xAE.</param>
/// <param name="Direction">"W", "R", "WR" or "".</param>
/// <param name="Struct">Argument structure, empty if none.</param>
/// <param name="TakesVcpuMutex">Blocks while KVM_RUN is in progress in another thread, but for
/// <see cref="OpsWithoutMutex"/>.</param>
/// <param name="Errors">Every errno it returns, with the reason.</param>
/// <param name="Doc">One sentence.</param>
public sealed record IoctlSpec(string Name, uint Number, string Direction, string Struct, bool TakesVcpuMutex,
    IReadOnlyList<(Errno Errno, string When)> Errors, string Doc)
{
    /// <summary>What it is called on.</summary>
    public IoctlTarget Target { get; init; }

    /// <summary>The capability by which userspace learns that KVM has it; empty if there is none.</summary>
    public string Capability { get; init; } = "";

    /// <summary>Byte offset of the __u32 that selects an operation; -1 if there are no operations.</summary>
    public int OpOffset { get; init; } = -1;

    /// <summary>Every operation there is.</summary>
    public IReadOnlyList<OperationSpec> Operations { get; init; } = [];

    /// <summary>An argument that nothing is wrong with, apart from the operation: what else is refused is seen by
    /// changing it.</summary>
    public IoctlArgument WellFormed { get; init; }

    /// <summary>Operations that are handled before the vCPU mutex is taken.</summary>
    public IReadOnlyList<uint> OpsWithoutMutex { get; init; } = [];

    /// <summary>Whether a call with this argument takes the vCPU mutex.</summary>
    public bool TakesMutexFor(IoctlArgument argument) =>
        TakesVcpuMutex && (OpOffset < 0 || !OpsWithoutMutex.Contains(OpIn(argument)));

    /// <summary>The operation that this argument selects; 0 if there are no operations.</summary>
    public uint OpIn(IoctlArgument argument)
    {
        if (OpOffset < 0)
        {
            return 0;
        }

        ulong word = (OpOffset / 8) switch { 0 => argument.W0, 1 => argument.W1, 2 => argument.W2, _ => argument.W3 };
        return (uint)((word >> (OpOffset % 8 * 8)) & uint.MaxValue);
    }
}
