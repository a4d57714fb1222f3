namespace UapiLab.Abstractions;

/// <summary>The VMM's half of an encoding. Stateless, and unable to address KVM-private regions.</summary>
/// <typeparam name="TVmm">The world it runs in: simulated, checked or native.</typeparam>
public interface IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    /// <summary>Makes frames fault to userspace. Called before the guest runs, and again (between two memslot updates)
    /// when frames are re-armed.</summary>
    void OnArm(TVmm vmm, ArmRequest request);

    /// <summary>A fault reached userspace. Runs on the vCPU thread.</summary>
    ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted);

    /// <summary>The content is in guest memory: publish it to KVM and answer every waiter. Runs on whichever thread
    /// placed it.</summary>
    void OnContentArrived(TVmm vmm, Gfn gfn);

    /// <summary>A fetch was started. Runs on the thread that started it.</summary>
    void OnFetchStarted(TVmm vmm, FetchStart start) { }

    /// <summary>A vCPU was created and has not run yet: enable capabilities, register eventfds.</summary>
    void OnVcpuCreated(TVmm vmm, int vcpu) { }

    /// <summary>The VMM wants to hear of the first write to each of these frames, whose content is there: a purpose
    /// other than paging. Called before the guest runs, after every <see cref="OnVcpuCreated"/>.</summary>
    /// <returns>Whether it will be told (<see cref="IVmm.WriteSeen"/>). False if this version cannot say so, or KVM has
    /// refused: then the VMM must do without, and knows it.</returns>
    bool OnTrackWrites(TVmm vmm, Gfn first, ulong count) => false;

    /// <summary>An eventfd that KVM signals became readable. Runs on an I/O thread.</summary>
    void OnEventfd(TVmm vmm, int eventfd) { }
}
