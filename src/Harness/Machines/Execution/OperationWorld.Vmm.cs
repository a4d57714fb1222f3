using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Kvm;
using UapiLab.Harness.Machines.Reduction;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Machines.Execution;

/// <content>Services of the VMM.</content>
internal partial class OperationWorld
{
    /// <summary>
    /// The KVM half handles the ioctl in the caller's context; its accesses are recorded in the same log, so a stop
    /// inside it resumes inside it.
    /// </summary>
    internal long Ioctl(int vcpu, uint number, IoctlArgument argument)
    {
        var result = IoctlOnce(vcpu, number, argument);
        if (_repeatsIoctls && _machine.SharedMemory.IsOn && !_stopped && Repeats(number))
        {
            IoctlOnce(vcpu, number, argument);
        }

        return _stopped ? 0 : result;
    }

    /// <summary>KVM's half handles an ioctl, in the world that the caller's half runs in.</summary>
    protected virtual long CallKvm(IoctlCall call) =>
        _machine.KvmHalf.OnIoctl(new MachineWorld(this), call);

    /// <summary>KVM's half is told of an eventfd, in the same world.</summary>
    protected virtual void CallKvm(int eventfd) =>
        _machine.KvmHalf.OnEventfd(new MachineWorld(this), eventfd);

    /// <summary>What was called goes on in this activation, and did not merely catch up with its record.</summary>
    private bool HasJustReturned => !_stopped && _progressed && _cursor == _logged;

    private bool Repeats(uint number)
    {
        if (!TryReplay(out var repeats) && !_stopped)
        {
            repeats = _machine.Vm.RepeatsLeft > 0 ? (ulong)_machine.Choices.Choose(ChoiceKind.Repeat, number, 2) : 0;
            _machine.Vm.RepeatsLeft -= (byte)repeats;
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
            _machine.View?.Begun(true, _actor, Operation.OnIoctl,
                Invariant($"vCPU {vcpu}, {_machine.NameOf(number)}, {argument}"));
            Report($"ioctl {_machine.NameOf(number)} on vCPU {vcpu}, argument {Hex(argument.W0)} {Hex(argument.W1)}");
        }

        if (_stopped)
        {
            return 0;
        }

        if ((uint)vcpu >= (uint)_machine.Config.Vcpus)
        {
            Defect($"ioctl on vCPU {vcpu}, which does not exist");
        }

        var takesMutex = _machine.TakesMutex(number, argument);
        if (takesMutex && !TakeMutex(vcpu))
        {
            return 0;
        }

        _onVmmSide = false;
        _inIoctl = true;
        BeginIoctl();
        var result = CallKvm(new IoctlCall(vcpu, number, argument));
        Returned();
        EndIoctl(vcpu, number, result);
        _onVmmSide = true;
        _inIoctl = false;
        if (takesMutex && !TryReplay(out _) && !_stopped)
        {
            _machine.Locks.Release(LockTable.VcpuMutex, vcpu, _actor);
            Record(0);
        }

        Note((ulong)result);
        if (_notes is not null)
        {
            return _stopped ? 0 : result;
        }

        if (HasJustReturned && IsHeard)
        {
            _machine.Listener!.Acted(new VmmAct.Ioctl(number, argument, result));
        }

        if (!_stopped && result != 0 && !_machine.SharedMemory.IsOn)
        {
            _machine.Emit(MachineEventKind.SetUpRefused, vcpu, number, (ulong)-result);
        }

        if (!_stopped && result != 0 && _machine.Config.WatchedRefusal is { } watched
            && watched == new RefusedIoctl(number, _machine.OpOf(number, argument), (Errno)(-result)))
        {
            _machine.Emit(MachineEventKind.IoctlRefused, vcpu, number, (ulong)-result);
        }

        if (!_stopped && !_machine.Declares(number, result))
        {
            Report($"{_machine.NameOf(number)} returns {result}, which its description does not list");
            _machine.Violate(ViolationKind.UndeclaredErrno, vcpu, Normalisation.NoFrame);
        }

        return _stopped ? 0 : result;
    }

    private bool TakeMutex(int vcpu)
    {
        _machine.Footprint.OfMutex(vcpu, _actor);
        if (TryReplay(out _))
        {
            return true;
        }

        if (_stopped)
        {
            return false;
        }

        if (_machine.Locks.TryTake(LockTable.VcpuMutex, vcpu, _actor))
        {
            Record(0);
            return true;
        }

        _stopped = true;
        _machine.Locks.Wait(LockTable.VcpuMutex, vcpu, _actor);
        return false;
    }

    internal bool AddWaiter(ulong gfn, Waiter waiter)
    {
        if (PerformsInSight(Cost.BookOperation, out var value))
        {
            value = !IsFrame(gfn) || _machine.FetchTable.AddWaiter(gfn, waiter) ? 1UL : 0;
            Done(value, $"{(value != 0
                ? $"wait for gfn {_machine.GfnOf(gfn).Value} on behalf of vCPU {waiter.Vcpu}"
                : $"gfn {_machine.GfnOf(gfn).Value} has arrived: no use waiting for it")}");
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
                waiter = new((int)_machine.Log[_logBase + _cursor++], _machine.Log[_logBase + _cursor++]);
            }

            return found != 0;
        }

        if (!MayGoOn(Cost.BookOperation))
        {
            return false;
        }

        var isFrame = IsFrame(gfn);
        _machine.Footprint.IsVisible |= !isFrame || !_machine.FetchTable.IsClosedToWaiters(gfn);
        _machine.SharedMemory.Fence(_actor);
        var taken = isFrame && _machine.FetchTable.TakeWaiter(gfn, out waiter);
        var vcpu = waiter.Vcpu;
        Done(taken ? 1UL
            : 0, $"{(taken ? $"vCPU {vcpu} waits for gfn {_machine.GfnOf(gfn).Value}"
                : $"nobody waits for gfn {_machine.GfnOf(gfn).Value} any more")}");
        if (taken)
        {
            Record((ulong)vcpu, RecordKind.Vcpu);
            Record(waiter.Cookie, _machine.CookieKind);
        }

        return taken;
    }

    /// <summary>Userspace signals an eventfd that KVM polls: KVM's half runs in the signaller's context.</summary>
    internal void SignalKvm(int eventfd)
    {
        if (eventfd == OwnEventfd.Number)
        {
            WakeOwnThread();
            return;
        }

        if (!TryReplay(out _))
        {
            if (!MayGoOn(Cost.Ioctl))
            {
                return;
            }

            Record(0);
            _machine.View?.Begun(true, _actor, Operation.OnEventfd, Invariant($"{eventfd}"));
        }

        _onVmmSide = false;
        CallKvm(eventfd);
        Returned();
        _onVmmSide = true;
        if (HasJustReturned && IsHeard)
        {
            _machine.Listener!.Acted(new VmmAct.Eventfd(eventfd));
        }
    }

    private void WakeOwnThread()
    {
        if (PerformsInSight(Cost.SharedAccess))
        {
            _machine.Eventfds.Signal(OwnEventfd.Number);
            Done($"wake another thread of the VMM");
        }
    }

    /// <summary>No waiter is entered for what is no frame. Only a hostile thread can put such a thing where the VMM
    /// reads it.</summary>
    private bool IsFrame(ulong gfn)
    {
        var isFrame = gfn < (ulong)_machine.Config.Gfns;
        if (!isFrame && _machine.Config.Environment.HostileActs == 0)
        {
            Defect($"gfn {_machine.GfnOf(gfn).Value} is outside of the slot");
        }

        return isFrame;
    }

    internal void ReportFault(int vcpu, ulong gfn)
    {
        if (PerformsInSight(Cost.BookOperation))
        {
            if (IsFrame(gfn))
            {
                _machine.Vmm.JoinFetch(gfn, vcpu);
            }

            Done($"report a fault of vCPU {vcpu} at gfn {_machine.GfnOf(gfn).Value}");
        }
    }

    internal void WriteSeen(ulong gfn)
    {
        if (PerformsInSight(Cost.BookOperation))
        {
            if (IsFrame(gfn))
            {
                _machine.Memory.NoteWrite(_actor, gfn);
            }

            Done($"note that gfn {_machine.GfnOf(gfn).Value} is written");
        }
    }

    internal long UpdateMemslot(bool userfault)
    {
        if (Performs(Cost.MemslotUpdate, out var value))
        {
            _machine.Footprint.IsVisible = true;
            _machine.Memslot.SetUserfault(userfault);
            value = Record(0);
            if (IsHeard)
            {
                _machine.Listener!.Acted(new VmmAct.Memslot(userfault));
            }
        }

        return (long)value;
    }
}
