using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>What a VMM's half has just done that a kernel could notice.</summary>
internal abstract record VmmAct
{
    private VmmAct()
    {
    }

    /// <summary>It wrote one word.</summary>
    /// <param name="Region">Of which region.</param>
    /// <param name="Index">Its place there.</param>
    /// <param name="How">The read-modify-write; null: a plain store.</param>
    /// <param name="Operand">What with.</param>
    /// <param name="Expected">Of a compare-exchange.</param>
    /// <param name="Order">Its order.</param>
    public sealed record Write(RegionSpec Region, ulong Index, AtomicOpKind? How, ulong Operand, ulong Expected,
        MemoryOrder Order) : VmmAct;

    /// <summary>It wrote one value into several words.</summary>
    public sealed record Fill(RegionSpec Region, ulong First, ulong Count, ulong Value) : VmmAct;

    /// <summary>It made an ioctl, which has returned.</summary>
    public sealed record Ioctl(uint Number, IoctlArgument Argument, long Result) : VmmAct;

    /// <summary>It updated the memslot.</summary>
    public sealed record Memslot(bool Userfault) : VmmAct;

    /// <summary>It signalled an eventfd that KVM polls.</summary>
    public sealed record Eventfd(int Number) : VmmAct;
}
