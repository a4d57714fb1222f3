using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Checking.Mistakes;

/// <summary>Calls of a VMM's half that can be made wrongly.</summary>
internal enum VmmCall : byte
{
    Load, Store, Fill, Exchange, CompareExchange, FetchAnd, FetchOr, FetchAdd, Fence,
    Ioctl, AddWaiter, ReportFault, SignalEventfd, ReadEventfd, UpdateMemslot,
}

/// <summary>
/// A place in the code of a VMM's half, as far as it can be told from outside: the n-th call of one kind with one
/// target within an operation. Rounds of a loop with a checkpoint are the same place.
/// </summary>
/// <param name="Operation">Method of the half.</param>
/// <param name="Call">What it calls.</param>
/// <param name="Target">Region, number of the ioctl, or 0.</param>
/// <param name="Op">Operation of the ioctl, 0 if it has none.</param>
/// <param name="Occurrence">From 1.</param>
internal readonly record struct VmmSite(Operation Operation, VmmCall Call, uint Target, uint Op, int Occurrence)
{
    /// <summary>Whether it reads or writes declared memory, and a fence counts too.</summary>
    public bool IsAccess => Call <= VmmCall.Fence;

    /// <summary>Whether it may write declared memory.</summary>
    public bool Writes => IsAccess && Call is not (VmmCall.Load or VmmCall.Fence);

    /// <summary>The call by the name that userspace knows it under.</summary>
    public string Name(Encoding encoding)
    {
        var number = Target;
        switch (Call)
        {
            case VmmCall.Ioctl:
                var spec = encoding.Description.Ioctls.FirstOrDefault(i => i.Number == number);
                var value = Op;
                var op = spec?.Operations.FirstOrDefault(o => o.Value == value)?.Name;
                var name = spec?.Name ?? Invariant($"ioctl 0x{number:x}");
                return op is null ? name : $"{name} ({op})";
            case VmmCall.AddWaiter:
                return "the check whether the page has come meanwhile";
            case VmmCall.ReportFault:
                return "the fetch of the page";
            case VmmCall.SignalEventfd:
                return "the signal to KVM's eventfd";
            case VmmCall.ReadEventfd:
                return "the read of the eventfd";
            case VmmCall.UpdateMemslot:
                return "KVM_SET_USER_MEMORY_REGION2";
            case VmmCall.Fence:
                return "the full barrier";
            default:
                return (Call == VmmCall.Load ? "the load of " : "the update of ") + encoding.Regions[(int)number].Name;
        }
    }

    /// <summary>When it is made, as userspace would say it.</summary>
    public string When => Operation switch
    {
        Operation.OnVcpuCreated => "before the first KVM_RUN of a vCPU",
        Operation.OnArm => "when marking pages",
        Operation.OnExit => "between a memory-fault exit and the next KVM_RUN",
        Operation.OnContentArrived => "when the content of a page is in guest memory",
        Operation.OnFetchStarted => "when a fetch is started",
        Operation.OnEventfd => "when the eventfd is readable",
        _ => "when tracking writes",
    };
}
