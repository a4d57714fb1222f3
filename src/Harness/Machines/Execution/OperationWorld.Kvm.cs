using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Kvm;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Execution;

/// <content>Services of KVM: each is a scheduling point around a rule that lives in <see cref="KvmApf"/>.</content>
internal partial class OperationWorld
{
    internal bool CanDo(int vcpu) =>
        (Asks(vcpu, out var value) ? Record(_machine.Apf.CanDo(vcpu) ? 1UL : 0) : value) != 0;

    internal bool CanDeliver(int vcpu) =>
        (Asks(vcpu, out var value) ? Record(_machine.Apf.CanDeliver(vcpu) ? 1UL : 0) : value) != 0;

    /// <summary>A question about state that only the vCPU's own thread changes is no scheduling point for that
    /// thread.</summary>
    private bool Asks(int vcpu, out ulong recorded)
    {
        NeedsVcpu(vcpu);
        return vcpu == _actor ? !TryReplay(out recorded) && !_stopped : Performs(Cost.SharedAccess, out recorded);
    }

    internal ApfRef FindByGfn(int vcpu, ulong gfn) =>
        LooksUp(vcpu, out var value) ? RecordApf(_machine.Apf.FindByGfn(vcpu, gfn)) : ReplayApf(value);

    internal ApfRef FindByToken(int vcpu, uint token) =>
        LooksUp(vcpu, out var value) ? RecordApf(_machine.Apf.FindByToken(vcpu, token)) : ReplayApf(value);

    private bool LooksUp(int vcpu, out ulong recorded)
    {
        NeedsVcpu(vcpu);
        var looks = Performs(Cost.SharedAccess, out recorded);
        if (looks && vcpu != _actor)
        {
            NeedsApfLock(vcpu, "a look-up from another thread");
        }

        return looks;
    }

    /// <summary>What comes of a method that has stopped means nothing.</summary>
    private void NeedsVcpu(int vcpu)
    {
        if ((uint)vcpu >= (uint)_machine.Config.Vcpus && !_stopped)
        {
            Defect($"vCPU {vcpu} does not exist");
        }
    }

    /// <summary>What docs/contract.md says of locks, where KVM's half is judged.</summary>
    private void NeedsApfLock(int vcpu, string what)
    {
        if (_judgesKvm && !_machine.Locks.IsHeldBy(KvmLock.Apf, vcpu, _actor))
        {
            Defect($"{what} without the Apf lock of vCPU {vcpu}");
        }
    }

    private void NeedsNoLock(string what)
    {
        if (_judgesKvm && (HeldLock(KvmLock.Apf) ?? HeldLock(KvmLock.Encoding)) is { } held)
        {
            Defect($"{what} with the {held} held");
        }
    }

    private string? HeldLock(KvmLock which)
    {
        for (var vcpu = 0; vcpu < _machine.Config.Vcpus; vcpu++)
        {
            if (_machine.Locks.IsHeldBy(which, vcpu, _actor))
            {
                return $"{which} lock of vCPU {vcpu}";
            }
        }

        return null;
    }

    /// <summary>KVM's half has returned. While an activation is catching up, a lock may be that of a later
    /// call.</summary>
    internal void Returned()
    {
        if (!_stopped && !_onVmmSide && _cursor == _logged && _notes is null)
        {
            NeedsNoLock("it returns");
        }
    }

    internal ApfRef At(int vcpu, int place)
    {
        NeedsVcpu(vcpu);
        // Walking the queue is one critical section in the kernel, so only the first place costs anything.
        if (TryReplay(out var value))
        {
            return ReplayApf(value);
        }

        if (_stopped || (place == 0 && !MayGoOn(Cost.LockOperation)))
        {
            return ApfRef.None;
        }

        return RecordApf(_machine.Apf.At(vcpu, place));
    }

    internal ApfRef SetUp(int vcpu, ulong gfn, ulong prefault)
    {
        var apf = SetUpOrNot(vcpu, gfn, prefault);
        if (Watches && apf.Exists)
        {
            _changes.SetUp(apf.Token);
        }

        return apf;
    }

    private ApfRef SetUpOrNot(int vcpu, ulong gfn, ulong prefault)
    {
        NeedsVcpu(vcpu);
        if (!Performs(Cost.InjectNotPresent, out var value))
        {
            return ReplayApf(value);
        }

        if (gfn >= (ulong)_machine.Config.Gfns)
        {
            Defect($"gfn {_machine.GfnOf(gfn).Value} is outside of the slot");
        }

        // Without the lock, as kvm_setup_async_pf() does it: the vCPU's own thread alone adds to its queue.
        var slot = _machine.Apf.SetUp(vcpu, gfn, prefault);
        Report($"{(slot < 0
            ? $"no APF for gfn {_machine.GfnOf(gfn).Value}: the queue is full"
            : $"queue an APF for gfn {_machine.GfnOf(gfn).Value}, token {Hex(_machine.Apf.Item(slot).Token)}")}");
        return RecordApf(slot);
    }

    internal void Cancel(int vcpu, ApfRef apf)
    {
        NeedsVcpu(vcpu);
        if (Performs(Cost.LockOperation))
        {
            NeedsApfLock(vcpu, "cancellation");
            if (_judgesKvm && _machine.Apf.Item(apf.Slot).Status != ApfStatus.Queued)
            {
                Defect($"cancels the APF of vCPU {vcpu} for gfn {apf.Gfn.Value}, which is on the done list or gone");
            }

            _machine.Apf.Cancel(vcpu, apf.Slot);
            Done($"withdraw the APF of vCPU {vcpu} for {NameOf(apf)}");
        }

        if (Watches)
        {
            _changes.Cancelled(apf.Token);
        }
    }

    internal bool InjectNotPresent(int vcpu, ApfRef apf)
    {
        NeedsVcpu(vcpu);
        if (Performs(Cost.SharedAccess, out var value))
        {
            NeedsNoLock("an injection, which may sleep");
            value = _machine.Apf.InjectNotPresent(vcpu, apf.Slot) ? 1UL : 0;
            Done(value, $"{(value != 0
                ? $"queue not-present, token {Hex(apf.Token)}"
                : "not-present cannot be delivered: request an APF halt")}");
        }

        NoteDone("injects a not-present");

        return value != 0;
    }

    internal void Complete(int vcpu, ApfRef apf)
    {
        NeedsVcpu(vcpu);
        if (Performs(Cost.LockOperation))
        {
            NeedsApfLock(vcpu, "completion");
            _machine.Footprint.OfWakingUp(vcpu, _actor);
            _machine.Apf.Complete(vcpu, apf.Slot);
            Done($"complete the APF of vCPU {vcpu} for {NameOf(apf)}, token {Hex(apf.Token)}");
        }

        NoteDone("completes an APF");
    }

    private string NameOf(ApfRef apf) => _machine.FrameOf(apf.Gfn) == Normalisation.NoFrame ? "the wake-all"
        : Invariant($"gfn {apf.Gfn.Value}");

    internal void RequestHalt(int vcpu)
    {
        NeedsVcpu(vcpu);
        if (Performs(Cost.SharedAccess))
        {
            _machine.Apf.RepeatedFault(vcpu);
            Done($"APF outstanding already: request an APF halt of vCPU {vcpu}");
        }

        NoteDone("requests an APF halt");
    }

    internal void Kick(int vcpu)
    {
        NeedsVcpu(vcpu);
        if (Performs(Cost.Kick))
        {
            _machine.Footprint.OfWakingUp(vcpu, _actor);
            _machine.Kick(vcpu);
            Done($"kick vCPU {vcpu}");
        }
    }

    internal void QueueWork(ulong argument)
    {
        if (PerformsInSight(Cost.LockOperation))
        {
            _machine.Work.Queue(argument);
            Done($"queue work {argument}");
        }

        NoteDone("queues work");
    }

    internal void Lock(KvmLock which, int vcpu)
    {
        NeedsVcpu(vcpu);
        if (!Performs(Cost.LockOperation))
        {
            return;
        }

        if (_judgesKvm && _machine.Locks.IsHeldBy(which, vcpu, _actor))
        {
            Defect($"takes the {which} lock of vCPU {vcpu} twice");
        }

        if (_judgesKvm && which == KvmLock.Encoding && HeldLock(KvmLock.Apf) is not null)
        {
            Defect($"takes the Encoding lock of vCPU {vcpu} with an Apf lock held; the order is the other");
        }

        if (_machine.Locks.TryTake(which, vcpu, _actor))
        {
            _machine.SharedMemory.OnLock(_actor);
            Done($"lock {which} of vCPU {vcpu}");
            return;
        }

        _stopped = true;
        _machine.Locks.Wait(which, vcpu, _actor);
    }

    internal void Unlock(KvmLock which, int vcpu)
    {
        NeedsVcpu(vcpu);
        if (Performs(Cost.LockOperation))
        {
            _machine.Footprint.IsVisible = true;
            _machine.SharedMemory.OnUnlock(_actor);
            var isHeld = _machine.Locks.Release(which, vcpu, _actor);
            Done($"unlock {which} of vCPU {vcpu}");
            if (!isHeld)
            {
                Defect($"{which} lock of vCPU {vcpu} released by a thread that does not hold it");
            }
        }
    }

    internal GroundTruth Truth(int vcpu, ulong gfn)
    {
        if (!_omniscient)
        {
            Defect("asks for the ground truth without declaring itself omniscient");
        }

        if (TryReplay(out var packed))
        {
            var remaining = (long)_machine.Log[_logBase + _cursor++];
            var runnable = (int)_machine.Log[_logBase + _cursor++];
            var waiting = (int)_machine.Log[_logBase + _cursor++];
            return new((Disposition)packed, remaining, runnable, waiting);
        }

        if (!MayGoOn(Cost.SharedAccess))
        {
            return default;
        }

        var truth = _machine.Vmm.Truth(vcpu, gfn);
        Record((ulong)truth.Disposition);
        Record((ulong)truth.RemainingNs);
        Record((ulong)truth.RunnableTasks);
        Record((ulong)truth.WaitingTasks);
        return truth;
    }

    /// <summary>An APF as recorded: slot + 1, then its token and gfn, so that a replay does not depend on what became
    /// of the slot.</summary>
    private ApfRef RecordApf(int slot)
    {
        Record((ulong)(slot + 1), RecordKind.SlotPlusOne);
        if (slot < 0)
        {
            return ApfRef.None;
        }

        var apf = _machine.Apf.Reference(slot);
        Record(apf.Token, RecordKind.Token);
        Record(apf.Gfn.Value, RecordKind.Gfn);
        return apf;
    }

    private ApfRef ReplayApf(ulong recorded)
    {
        if (_stopped || recorded == 0)
        {
            return ApfRef.None;
        }

        var token = (uint)_machine.Log[_logBase + _cursor++];
        var gfn = _machine.Log[_logBase + _cursor++];
        return new((int)recorded - 1, token, new Gfn(gfn));
    }
}
