namespace UapiLab.Abstractions;

/// <summary>What the VMM offers to its half of an encoding, besides memory. Each call is a scheduling point.</summary>
public interface IVmm : IMemory
{
    /// <summary>An ioctl on a vCPU fd, run by KVM in the caller's context. Blocks on the vCPU mutex if the ioctl is
    /// declared to take it and another thread is in KVM_RUN.</summary>
    /// <returns>0, or minus an errno of those that its description lists (<see cref="IoctlSpec"/>); -EINVAL where KVM's
    /// half does not know it.</returns>
    long Ioctl(int vcpu, uint number, IoctlArgument argument);

    /// <summary>Enters a waiter in the VMM's fetch table, atomically with respect to the content's
    /// arrival.</summary>
    /// <returns>False if the content has arrived: no thread will come back for this waiter, so the caller must answer
    /// it.</returns>
    bool AddWaiter(Gfn gfn, Waiter waiter);

    /// <summary>Takes one waiter of the gfn out of the fetch table.</summary>
    /// <returns>False when there is none left.</returns>
    bool TakeWaiter(Gfn gfn, out Waiter waiter);

    /// <summary>Tells the VMM's policy of a fault that reached the half without an exit (from a ring, say): a fetch is
    /// started or joined, as after an exit that was handed off.</summary>
    void ReportFault(int vcpu, Gfn gfn) => throw new NotSupportedException("this world has no exitless faults");

    /// <summary>Enters a frame whose writes are tracked in the VMM's list of written ones. It must be there before the
    /// guest can write, so a half calls this before it lets KVM map the frame.</summary>
    void WriteSeen(Gfn gfn) => throw new NotSupportedException("this world tracks no writes");

    /// <summary>Signals an eventfd that KVM polls.</summary>
    void SignalEventfd(int eventfd);

    /// <summary>Reads the eventfd counter and resets it; the loop that calls this is woken again only by a later
    /// signal.</summary>
    ulong ReadEventfd(int eventfd);

    /// <summary>KVM_SET_USER_MEMORY_REGION2 with KVM_MEM_USERFAULT on or off.</summary>
    /// <returns>0, or minus an errno.</returns>
    long UpdateMemslot(bool userfault);
}
