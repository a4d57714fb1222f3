using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <content>Services of KVM: each is a scheduling point around a rule that lives in <see cref="KvmApf"/>.</content>
public sealed partial class OperationWorld
{
    private bool NextService(Cost cost, out ulong recorded) => !TryReplay(out recorded) && MayGoOn(cost);

    internal bool CanDo(int vcpu) => NextQuestion(vcpu, out var value) ? Record(machine.Apf.CanDo(vcpu) ? 1UL : 0) != 0 : value != 0;

    internal bool CanDeliver(int vcpu) => NextQuestion(vcpu, out var value) ? Record(machine.Apf.CanDeliver(vcpu) ? 1UL : 0) != 0 : value != 0;

    /// <summary>A question about state that only the vCPU's own thread changes is no scheduling point for that thread.</summary>
    private bool NextQuestion(int vcpu, out ulong recorded) =>
        vcpu == actor ? !TryReplay(out recorded) && !stopped : NextService(Cost.SharedAccess, out recorded);

    internal ApfRef FindByGfn(int vcpu, ulong gfn) =>
        NextService(Cost.SharedAccess, out var value) ? AsApf(RecordApf(machine.Apf.FindByGfn(vcpu, gfn))) : ReplayApf(value);

    internal ApfRef FindByToken(int vcpu, uint token) =>
        NextService(Cost.SharedAccess, out var value) ? AsApf(RecordApf(machine.Apf.FindByToken(vcpu, token))) : ReplayApf(value);

    internal ApfRef At(int vcpu, int place)
    {
        // Walking the queue is one critical section in the kernel, so only the first place costs anything.
        if (TryReplay(out var value))
        {
            return ReplayApf(value);
        }

        if (stopped || (place == 0 && !MayGoOn(Cost.LockOperation)))
        {
            return ApfRef.None;
        }

        return AsApf(RecordApf(machine.Apf.At(vcpu, place)));
    }

    internal ApfRef SetUp(int vcpu, ulong gfn, ulong prefault) =>
        NextService(Cost.InjectNotPresent, out var value)
            ? AsApf(RecordApf(SetUpNow(vcpu, gfn, prefault)))
            : ReplayApf(value);

    private int SetUpNow(int vcpu, ulong gfn, ulong prefault)
    {
        var slot = machine.Apf.SetUp(vcpu, gfn, prefault);
        if (IsHeard)
        {
            Tell(slot < 0 ? $"no APF for gfn {gfn}: the queue is full" : $"queue an APF for gfn {gfn}, token {Hex(machine.Apf.Item(slot).Token)}");
        }

        return slot;
    }

    internal void Cancel(int vcpu, ApfRef apf)
    {
        if (NextService(Cost.LockOperation, out _))
        {
            machine.Apf.Cancel(vcpu, apf.Slot);
            Tell($"withdraw the APF of vCPU {vcpu} for gfn {apf.Gfn.Value}");
            Record(0);
        }
    }

    internal bool InjectNotPresent(int vcpu, ApfRef apf)
    {
        if (NextService(Cost.SharedAccess, out var value))
        {
            value = Record(machine.Apf.InjectNotPresent(vcpu, apf.Slot) ? 1UL : 0);
            if (value != 0)
            {
                Tell($"queue not-present, token {Hex(apf.Token)}");
            }
            else
            {
                Tell("not-present cannot be delivered: request an APF halt");
            }
        }

        return value != 0;
    }

    internal void Complete(int vcpu, ApfRef apf)
    {
        if (NextService(Cost.LockOperation, out _))
        {
            machine.Footprint.OfWakingUp(vcpu, actor);
            machine.Apf.Complete(vcpu, apf.Slot);
            Tell($"complete the APF of vCPU {vcpu} for gfn {apf.Gfn.Value}, token {Hex(apf.Token)}");
            Record(0);
        }
    }

    internal void RequestHalt(int vcpu)
    {
        if (NextService(Cost.SharedAccess, out _))
        {
            machine.Apf.RepeatedFault(vcpu);
            Tell($"APF outstanding already: request an APF halt of vCPU {vcpu}");
            Record(0);
        }
    }

    internal void Kick(int vcpu)
    {
        if (NextService(Cost.Kick, out _))
        {
            machine.Footprint.OfWakingUp(vcpu, actor);
            machine.Kick(vcpu);
            Tell($"kick vCPU {vcpu}");
            Record(0);
        }
    }

    internal void QueueWork(ulong argument)
    {
        if (NextService(Cost.LockOperation, out _))
        {
            machine.Words.Fence(actor);
            machine.Work.Queue(argument);
            Tell($"queue work {argument}");
            machine.Footprint.Noticed = true;
            Record(0);
        }
    }

    internal void Lock(KvmLock which, int vcpu)
    {
        if (TryReplay(out _) || !MayGoOn(Cost.LockOperation))
        {
            return;
        }

        if (machine.Locks.TryTake(which, vcpu, actor))
        {
            machine.Words.OnLock(actor);
            Record(0);
            Tell($"lock {which} of vCPU {vcpu}");
            return;
        }

        stopped = true;
        machine.Locks.Wait(which, vcpu, actor);
    }

    internal void Unlock(KvmLock which, int vcpu)
    {
        if (NextService(Cost.LockOperation, out _))
        {
            machine.Footprint.Noticed = true;
            machine.Words.OnUnlock(actor);
            Tell($"unlock {which} of vCPU {vcpu}");
            if (!machine.Locks.Release(which, vcpu, actor))
            {
                Defect($"{which} lock of vCPU {vcpu} released by a thread that does not hold it");
            }

            Record(0);
        }
    }

    internal GroundTruth Truth(int vcpu, ulong gfn)
    {
        if (!omniscient)
        {
            Defect("asks for the ground truth without declaring itself omniscient");
        }

        if (TryReplay(out var packed))
        {
            var remaining = (long)machine.Log[logBase + cursor++];
            var runnable = (int)machine.Log[logBase + cursor++];
            var waiting = (int)machine.Log[logBase + cursor++];
            return new((Disposition)packed, remaining, runnable, waiting);
        }

        if (!MayGoOn(Cost.SharedAccess))
        {
            return default;
        }

        var truth = machine.Vmm.Truth(vcpu, gfn);
        Record((ulong)truth.Disposition);
        Record((ulong)truth.RemainingNs);
        Record((ulong)truth.RunnableTasks);
        Record((ulong)truth.WaitingTasks);
        return truth;
    }

    /// <summary>An APF as recorded: slot + 1, then its token and gfn, so that a replay does not depend on what became of the slot.</summary>
    private ulong RecordApf(int slot)
    {
        Record((ulong)(slot + 1), RecordKind.SlotPlusOne);
        if (slot >= 0)
        {
            var apf = machine.Apf.Reference(slot);
            Record(apf.Token, RecordKind.Token);
            Record(apf.Gfn.Value, RecordKind.Gfn);
        }

        return (ulong)(slot + 1);
    }

    private ApfRef AsApf(ulong recorded) => recorded == 0 ? ApfRef.None : machine.Apf.Reference((int)recorded - 1);

    private ApfRef ReplayApf(ulong recorded)
    {
        if (stopped || recorded == 0)
        {
            return ApfRef.None;
        }

        var token = (uint)machine.Log[logBase + cursor++];
        var gfn = machine.Log[logBase + cursor++];
        return new((int)recorded - 1, token, new Gfn(gfn));
    }
}
