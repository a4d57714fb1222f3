using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines.Vmm;

/// <summary>
/// A userfaultfd and those who read it (docs/model.md, rules U1 to U4). A message is a fetch that is wanted
/// and that no thread has begun; it goes to the same I/O threads as a completed one, so they are its readers.
/// </summary>
internal sealed class Userfaultfd(Machine machine)
{
    /// <summary>Whether the VMM reads messages. Where it does not, memory merely lies over userfaultfd, and a fault is
    /// known to the VMM at once.</summary>
    public bool IsRead =>
        machine.Config.Interception is Interception.Userfaultfd or Interception.UserfaultfdWithKernelApf;

    /// <summary>Whether a look-up finds pages in the host's page table as another thread entered them there.</summary>
    private bool IsInKernel => machine.Config.Interception != Interception.Memslot;

    /// <summary>Rule U1: handle_userfault() puts the thread on the queue of pending faults and wakes a
    /// reader.</summary>
    /// <returns>Whether the frame had not been asked for yet.</returns>
    public bool Ask(ulong gfn)
    {
        if (!IsRead)
        {
            machine.Vmm.JoinFetch(gfn);
            return true;
        }

        machine.Driver.PassUserfaultfdLock(gfn);
        var fetch = machine.Vmm.OpenFetch(gfn);
        if (fetch >= 0)
        {
            machine.GiveToIoThread(fetch);
        }

        return fetch >= 0;
    }

    /// <summary>Rule U2: read() moves the waiter from the pending queue to the other, under the lock. Local content is
    /// got ready by the reader itself; the rest is asked for.</summary>
    /// <returns>Whether the page can be placed now.</returns>
    public bool Read(int fetch)
    {
        machine.Clock.Spend(Cost.Ioctl);
        var gfn = machine.FetchTable[fetch].Gfn;
        machine.Driver.PassUserfaultfdLock(gfn);
        var disposition = machine.FetchTable[fetch].Disposition;
        Settle(fetch, gfn, disposition == Disposition.Intercepted ? FaultOutcome.OtherPurpose : FaultOutcome.HandedOff);
        if (disposition is Disposition.Async or Disposition.InFlight)
        {
            machine.Vmm.Issue(fetch, owner: -1);
            return false;
        }

        machine.Driver.Delay(disposition == Disposition.Intercepted ? DelayKind.Intercept
            : DelayKind.LocalResolve, gfn);
        return true;
    }

    /// <summary>Rule U3: the page enters the page table under its lock, after its content.</summary>
    public void OnPlaced()
    {
        if (IsInKernel)
        {
            machine.SharedMemory.OnUnlock(machine.CurrentActor);
        }
    }

    /// <summary>Rule U4: a look-up that finds the page in the page table finds its content too.</summary>
    public void OnFound(int vcpu)
    {
        if (IsInKernel)
        {
            machine.SharedMemory.OnLock(vcpu);
        }
    }

    /// <summary>Rule U3: after that UFFDIO_COPY and UFFDIO_CONTINUE wake, under the lock, the threads that sleep on the
    /// page.</summary>
    public void WakeSleepers(ulong gfn)
    {
        if (!IsRead)
        {
            return;
        }

        machine.Clock.Spend(Cost.Ioctl);
        machine.Driver.PassUserfaultfdLock(gfn);
        machine.KernelApf.WakeWorkers(gfn);
    }

    /// <summary>None of these faults is the vCPU thread's business, however near the content is.</summary>
    private void Settle(int fetch, ulong gfn, FaultOutcome outcome)
    {
        for (var vcpu = 0; vcpu < machine.Config.Vcpus; vcpu++)
        {
            ref var actor = ref machine.Actors[vcpu];
            if ((actor.Blocked == BlockReason.LookupSleep && actor.BlockedOn == fetch)
                || (machine.Config.KernelApf && machine.Apf.FindByGfn(vcpu, gfn) >= 0))
            {
                machine.Emit(MachineEventKind.VmmSettles, vcpu, gfn, (ulong)outcome);
            }
        }
    }
}
