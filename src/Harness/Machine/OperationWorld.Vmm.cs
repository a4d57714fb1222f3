using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <content>Services of the VMM.</content>
internal sealed partial class OperationWorld
{
    /// <summary>
    /// The KVM half handles the ioctl in the caller's context; its accesses are recorded in the same log, so a stop
    /// inside it resumes inside it.
    /// </summary>
    internal long Ioctl(int vcpu, uint number, IoctlArgument argument)
    {
        var result = IoctlOnce(vcpu, number, argument);
        if (repeatsIoctls && machine.Words.IsOn && !stopped && Repeats(number))
        {
            IoctlOnce(vcpu, number, argument);
        }

        return stopped ? 0 : result;
    }

    private bool Repeats(uint number)
    {
        if (!TryReplay(out var repeats))
        {
            repeats = machine.Vm.RepeatsLeft > 0 ? (ulong)machine.Choices.Choose(ChoiceKind.Repeat, number, 2) : 0;
            machine.Vm.RepeatsLeft -= (byte)repeats;
            Record(repeats);
        }

        return repeats != 0;
    }

    private long IoctlOnce(int vcpu, uint number, IoctlArgument argument)
    {
        if (!TryReplay(out _))
        {
            if (!MayGoOn(Cost.Ioctl))
            {
                return 0;
            }

            Record(0);
            machine.View?.Begun(true, actor, Operation.OnIoctl, Invariant($"vCPU {vcpu}, {machine.NameOf(number)}, {argument}"));
            Tell($"ioctl {machine.NameOf(number)} on vCPU {vcpu}, argument {Hex(argument.W0)} {Hex(argument.W1)}");
        }

        if (stopped)
        {
            return 0;
        }

        if ((uint)vcpu >= (uint)machine.Shape.Vcpus)
        {
            Defect($"ioctl on vCPU {vcpu}, which does not exist");
        }

        var takesMutex = machine.TakesMutex(number, argument);
        if (takesMutex && !TakeMutex(vcpu))
        {
            return 0;
        }

        onVmmSide = false;
        var result = machine.KvmHalf.OnIoctl(new MachineWorld(this), new IoctlCall(vcpu, number, argument));
        onVmmSide = true;
        if (takesMutex && !TryReplay(out _) && !stopped)
        {
            machine.Locks.Release(LockTable.VcpuMutex, vcpu, actor);
            Record(0);
        }

        if (!stopped && result != 0 && !machine.Words.IsOn)
        {
            machine.Emit(MachineEventKind.SetUpRefused, vcpu, number, (ulong)-result);
        }

        if (!stopped && !machine.Declares(number, result))
        {
            machine.Violate(ViolationKind.UndeclaredErrno, vcpu, (ulong)-result);
        }

        return stopped ? 0 : result;
    }

    private bool TakeMutex(int vcpu)
    {
        machine.Footprint.OfMutex(vcpu, actor);
        if (TryReplay(out _))
        {
            return true;
        }

        if (machine.Locks.TryTake(LockTable.VcpuMutex, vcpu, actor))
        {
            Record(0);
            return true;
        }

        stopped = true;
        machine.Locks.Wait(LockTable.VcpuMutex, vcpu, actor);
        return false;
    }

    internal bool AddWaiter(ulong gfn, Waiter waiter)
    {
        if (PerformsInSight(Cost.BookOperation, out var value))
        {
            value = !IsFrame(gfn) || machine.Book.AddWaiter(gfn, waiter) ? 1UL : 0;
            Done(value, $"{(value != 0
                ? $"wait for gfn {gfn} on behalf of vCPU {waiter.Vcpu}"
                : $"gfn {gfn} has arrived: no use waiting for it")}");
        }

        return value != 0;
    }

    internal bool TakeWaiter(ulong gfn, out Waiter waiter)
    {
        waiter = default;
        if (TryReplay(out var found))
        {
            if (found != 0)
            {
                waiter = new((int)machine.Log[logBase + cursor++], machine.Log[logBase + cursor++]);
            }

            return found != 0;
        }

        if (!MayGoOn(Cost.BookOperation))
        {
            return false;
        }

        machine.Footprint.Noticed |= !machine.Book.IsClosedToWaiters(gfn);
        machine.Words.Fence(actor);
        var taken = machine.Book.TakeWaiter(gfn, out waiter);
        var vcpu = waiter.Vcpu;
        Done(taken ? 1UL : 0, $"{(taken ? $"vCPU {vcpu} waits for gfn {gfn}" : $"nobody waits for gfn {gfn} any more")}");
        if (taken)
        {
            Record((ulong)vcpu, RecordKind.Vcpu);
            Record(waiter.Cookie, machine.CookieKind);
        }

        return taken;
    }

    /// <summary>Userspace signals an eventfd that KVM polls: KVM's half runs in the signaller's context.</summary>
    internal void SignalKvm(int eventfd)
    {
        if (!TryReplay(out _))
        {
            if (!MayGoOn(Cost.Ioctl))
            {
                return;
            }

            Record(0);
            machine.View?.Begun(true, actor, Operation.OnEventfd, Invariant($"{eventfd}"));
        }

        onVmmSide = false;
        machine.KvmHalf.OnEventfd(new MachineWorld(this), eventfd);
        onVmmSide = true;
    }

    /// <summary>Nobody waits for what is no frame. Only a hostile thread can put such a thing where the VMM reads it.</summary>
    private bool IsFrame(ulong gfn)
    {
        var isFrame = gfn < (ulong)machine.Shape.Gfns;
        if (!isFrame && machine.Shape.Environment.HostileActs == 0)
        {
            Defect($"gfn {gfn} is outside of the slot of {machine.Shape.Gfns} frames");
        }

        return isFrame;
    }

    internal void ReportFault(int vcpu, ulong gfn)
    {
        if (PerformsInSight(Cost.BookOperation))
        {
            if (IsFrame(gfn))
            {
                machine.Vmm.JoinFetch(gfn, vcpu);
            }

            Done($"report a fault of vCPU {vcpu} at gfn {gfn}");
        }
    }

    internal void WriteSeen(ulong gfn)
    {
        if (PerformsInSight(Cost.BookOperation))
        {
            if (IsFrame(gfn))
            {
                machine.Memory.NoteWrite(actor, gfn);
            }

            Done($"note that gfn {gfn} is written");
        }
    }

    internal long UpdateMemslot(bool userfault)
    {
        if (Performs(Cost.MemslotUpdate, out var value))
        {
            machine.Footprint.Noticed = true;
            machine.Memslot.SetUserfault(userfault);
            value = Record(0);
        }

        return (long)value;
    }
}
