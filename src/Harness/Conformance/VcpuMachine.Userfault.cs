using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Conformance;

/// <content>The userfault interface: its words, and what the VMM does with it.</content>
internal sealed partial class VcpuMachine
{
    /// <summary>A thread of the VMM that is not the vCPU's.</summary>
    private int VmmActor => _machine.Config.Vcpus;

    /// <summary>The fault waits for its userfault check.</summary>
    public bool AwaitsCheck => State.Step == VcpuStep.FaultCheck;

    /// <summary>The check of the fault, with the frame marked or not.</summary>
    public void CheckFault(bool marked, bool interruptsOn, bool kernelMode)
    {
        SetGuest(interruptsOn, kernelMode);
        SetMark(State.FaultGfn, marked);
        _emitted.Clear();
        RunWhile(VcpuStep.FaultCheck);
    }

    /// <summary>Whether the fault ended in an exit to userspace, with its flags.</summary>
    public bool IsExiting(out ulong flags)
    {
        flags = State.ExitFlags;
        return State.Step == VcpuStep.RunReturn && State.Exit.Row().HasFaultInfo;
    }

    /// <summary>The VMM hands the fault of its last exit off: it accepts the APF.</summary>
    /// <returns>False if the interface refused.</returns>
    public bool Accept(ulong page)
    {
        var frame = _frames.Find(page);
        if (frame < 0)
        {
            return false;
        }

        OpenFetch((ulong)frame);
        _machine.Calls.OnExit(Vcpu, new(Vcpu, new Gfn((ulong)frame), State.ExitFlags, State.ExitExtra),
            Handling.HandOff, out var action);
        return action == ExitAction.Reenter;
    }

    /// <summary>Appends an APF to the done list, as if nothing that is on it had been appended yet: the order in which
    /// ready events come tells, and nothing has looked meanwhile.</summary>
    public void Append(int slot)
    {
        ref var v = ref State;
        var before = v.DoneCount;
        if (_machine.Apf.Item(slot).Status == ApfStatus.Done)
        {
            return; // completed by KVM_RUN itself
        }

        if (_machine.Config.KernelApf)
        {
            _machine.Apf.Complete(Vcpu, slot);
        }
        else
        {
            Answer(slot);
        }

        _machine.Apf.MoveLastDoneToFront(Vcpu, before);
        _emitted.Clear();
    }

    /// <summary>The VMM says ready, by whatever call the interface has for it.</summary>
    private void Answer(int slot)
    {
        var frame = _machine.Apf.Item(slot).Gfn;
        OpenFetch(frame);
        SeeToEventfds();
        if (!HasWaiter(frame))
        {
            // READY before ACCEPT, or a VMM whose ACCEPT the trace does not show.
            _machine.Calls.OnExit(VmmActor, new(Vcpu, new Gfn(frame), State.ExitFlags, _machine.Apf.Item(slot).Token),
                Handling.HandOff, out _);
        }

        _machine.Calls.OnContentArrived(VmmActor, _machine.GfnOf(frame));
        CloseFetch(frame);
        if (_machine.Apf.Item(slot).Status != ApfStatus.Done)
        {
            _machine.Apf.Complete(Vcpu, slot);
        }
    }

    /// <summary>Whether a thread of the VMM has something to do.</summary>
    public bool IsVmmSignalled => _machine.Vm.SignalledEventfds > 0;

    /// <summary>The VMM's threads do what they were signalled for: they empty a ring of faults.</summary>
    public void SeeToEventfds()
    {
        for (var place = 0; IsVmmSignalled && Apf.At(Vcpu, place) is var slot and >= 0; place++)
        {
            if (Apf.Item(slot) is { WakeAll: false, Status: not ApfStatus.Done } item)
            {
                OpenFetch(item.Gfn);
            }
        }

        while (_machine.Eventfds.TryTakeSignalled(out var eventfd, anyOrder: false))
        {
            _machine.Calls.OnEventfd(VmmActor, _machine.Eventfds.NameOf(eventfd));
        }
    }

    private bool HasWaiter(ulong frame) => _machine.FetchTable[_machine.FetchTable.Find(frame)].FirstWaiter != 0;

    /// <summary>Writes the mark of a frame as the VMM's half does. Clearing it answers every waiter, so the waiters
    /// are taken aside.</summary>
    private void SetMark(ulong frame, bool marked)
    {
        if (marked)
        {
            _machine.Calls.OnArm(VmmActor, new(new Gfn(frame), 1, Prediction.Async));
            return;
        }

        var waiters = new List<Waiter>();
        while (_machine.FetchTable.TakeWaiter(frame, out var waiter))
        {
            waiters.Add(waiter);
        }

        _machine.Calls.OnContentArrived(VmmActor, _machine.GfnOf(frame));
        foreach (var waiter in waiters)
        {
            _machine.FetchTable.AddWaiter(frame, waiter);
        }
    }

    private void OpenFetch(ulong frame)
    {
        _machine.FetchTable.TryForget(frame);
        if (_machine.FetchTable.Find(frame) < 0)
        {
            _machine.FetchTable.Open(frame, Disposition.Async, onDemand: true);
        }
    }

    private void CloseFetch(ulong frame)
    {
        _machine.FetchTable.Close(_machine.FetchTable.Find(frame));
        _machine.FetchTable.TryForget(frame);
    }
}
