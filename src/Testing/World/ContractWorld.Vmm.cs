using UapiLab.Abstractions;

namespace UapiLab.Testing.World;

/// <content>What the VMM half calls.</content>
internal sealed partial class ContractWorld
{
    internal long Ioctl(Actor actor, int vcpu, uint number, IoctlArgument argument)
    {
        Call(actor);
        if (!_ioctls.TryGetValue(number, out var spec))
        {
            return Errno.Invalid.Negated(); // the kernel's own answer: nothing of the encoding runs
        }

        if (!IsOn(vcpu))
        {
            throw new ContractBreach(Breaches.OutOfBounds, $"ioctl on vCPU {vcpu}, which does not exist");
        }

        var takesMutex = spec.TakesMutexFor(argument);
        if (takesMutex && !TryTakeMutex(vcpu))
        {
            return Errno.Interrupted.Negated(); // it would wait for a KVM_RUN in progress; the caller gave up
        }

        try
        {
            return IoctlNow(actor, spec, new(vcpu, number, argument));
        }
        finally
        {
            if (takesMutex)
            {
                Monitor.Exit(_vcpus[vcpu].Mutex);
            }
        }
    }

    private bool IsOn(int vcpu) => (uint)vcpu < (uint)_vcpus.Length;

    /// <summary>False where one thread plays them all and the vCPU's is in the middle of KVM_RUN: nobody could wait for
    /// it.</summary>
    private bool TryTakeMutex(int vcpu)
    {
        if (BeforeCall is not null && _vcpus[vcpu].Busy && !_vcpus[vcpu].Thread.OnVmmSide)
        {
            return false;
        }

        Monitor.Enter(_vcpus[vcpu].Mutex);
        return true;
    }

    private long IoctlNow(Actor actor, IoctlSpec spec, IoctlCall call)
    {
        lock (Gate)
        {
            Ioctls.Add(call);
        }

        long result = 0;
        FromVmm(actor, $"{spec.Name} returns", kvm =>
        {
            result = KvmHalf.OnIoctl(kvm, call);
            if (result != 0 && !spec.Errors.Any(e => e.Errno.Negated() == result))
            {
                throw new ContractBreach(Breaches.ErrnoContract,
                    $"{spec.Name} returns {result}, which its description does not list");
            }
        });
        return result;
    }

    /// <summary>Code of the KVM half in the context of a thread of the VMM.</summary>
    private void FromVmm(Actor actor, string atReturn, Action<ContractHalf> operation)
    {
        var wasOnVmmSide = actor.OnVmmSide;
        actor.OnVmmSide = false;
        Guarded(actor, () =>
        {
            operation(new(this, actor));
            actor.HoldsNothing(atReturn);
        });
        actor.OnVmmSide = wasOnVmmSide;
    }

    internal bool AddWaiter(Actor actor, Gfn gfn, Waiter waiter)
    {
        Call(actor);
        lock (Gate)
        {
            if (!Frames[gfn.Value].HasContent)
            {
                // A waiter that is let in has been promised that the content will come, even if it was taken away since
                // it was asked for.
                Frames[gfn.Value].Waiters.Enqueue(waiter);
                Frames[gfn.Value].Fetching = true;
                Monitor.PulseAll(Gate);
                return true;
            }

            return false;
        }
    }

    internal bool TakeWaiter(Actor actor, Gfn gfn, out Waiter waiter)
    {
        Call(actor);
        lock (Gate)
        {
            return Frames[gfn.Value].Waiters.TryDequeue(out waiter);
        }
    }

    internal void ReportFault(Actor actor, Gfn gfn)
    {
        Call(actor);
        lock (Gate)
        {
            Frames[gfn.Value].Fetching |= !Frames[gfn.Value].HasContent;
            Monitor.PulseAll(Gate);
        }
    }

    internal void SignalKvm(Actor actor, int eventfd)
    {
        Call(actor);
        FromVmm(actor, "OnEventfd returns", kvm => KvmHalf.OnEventfd(kvm, eventfd));
    }

    internal ulong ReadEventfd(Actor actor, int eventfd)
    {
        Call(actor);
        lock (Gate)
        {
            return Eventfds.Remove(eventfd, out var count) ? count : 0;
        }
    }

    /// <summary>The slot's flag; turning it on zaps every mapping (rule M5).</summary>
    internal long UpdateMemslot(Actor actor, bool on)
    {
        lock (Gate)
        {
            foreach (var frame in Frames)
            {
                frame.Mapped = false;
            }
        }

        FromVmm(actor, "OnMemslotChange returns", kvm => KvmHalf.OnMemslotChange(kvm, new(on, !on)));
        return 0;
    }
}
