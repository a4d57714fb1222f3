using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>
/// A userfaultfd and those who read it (design D6; docs/model.md, rules U1 to U4). A message is a fetch that is wanted and
/// that nobody has begun; it goes to the same I/O threads as a completed one, so they are its readers.
/// </summary>
internal sealed class Userfaultfd(Machine machine)
{
    /// <summary>Whether the VMM reads messages. Where it does not, memory merely lies over userfaultfd, and a fault is
    /// known to the VMM at once.</summary>
    public bool IsRead => machine.Shape.Interception != Interception.Memslot;

    /// <summary>Rule U1: handle_userfault() puts the thread on the wait queue under the lock and wakes a reader.</summary>
    /// <returns>Whether nobody had asked for the frame yet.</returns>
    public bool Ask(ulong gfn)
    {
        if (!IsRead)
        {
            machine.Vmm.JoinFetch(gfn);
            return true;
        }

        machine.Driver.PassUserfaultfdLock();
        var fetch = machine.Vmm.OpenFetch(gfn);
        if (fetch >= 0)
        {
            machine.GiveToIoThread(fetch);
        }

        return fetch >= 0;
    }

    /// <summary>Rule U2: read() moves the waiter from the pending queue to the other, under the lock. Local content is got
    /// ready by the reader itself; the rest is asked for.</summary>
    /// <returns>Whether the page can be placed now.</returns>
    public bool Read(int fetch)
    {
        machine.Pace.Spend(Cost.Ioctl);
        machine.Driver.PassUserfaultfdLock();
        if ((Disposition)machine.Book[fetch].Disposition is Disposition.Async or Disposition.InFlight)
        {
            machine.Vmm.Issue(fetch, owner: -1);
            return false;
        }

        machine.Driver.Delay(DelayKind.LocalResolve, machine.Book[fetch].Gfn);
        return true;
    }

    /// <summary>Rule U3: UFFDIO_COPY and UFFDIO_CONTINUE wake, under the lock, whoever sleeps on the page.</summary>
    public void WakeSleepers(ulong gfn)
    {
        if (!IsRead)
        {
            return;
        }

        machine.Pace.Spend(Cost.Ioctl);
        machine.Driver.PassUserfaultfdLock();
        machine.KernelApf.WakeWorkers(gfn);
    }
}
