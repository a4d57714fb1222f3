using UapiLab.Abstractions;

namespace UapiLab.Testing.World;

/// <content>KVM's APF queue, locks and events.</content>
internal sealed partial class ContractWorld
{
    private readonly Dictionary<(KvmLock, int), Actor> _owners = [];

    /// <summary>Work items that KVM's worker has not run, and eventfds that the VMM has not read.</summary>
    public Queue<ulong> Work { get; } = new();
    public SortedDictionary<int, ulong> Eventfds { get; } = [];

    /// <summary>Rule A1.</summary>
    internal bool CanDo(int vcpu) => _vcpus[vcpu] is { PfPending: false, InterruptsOn: true };

    /// <summary>Rule A2.</summary>
    internal bool CanDeliver(int vcpu) => _vcpus[vcpu] is { ApfEnabled: true, InUserMode: true };

    internal ApfRef Find(Actor actor, int vcpu, Func<ApfRef, bool> matches)
    {
        Call(actor);
        if (actor != _vcpus[vcpu].Thread)
        {
            actor.NeedsLock(KvmLock.Apf, vcpu, "a look-up from another thread");
        }

        lock (Gate)
        {
            return _vcpus[vcpu].Queue.Select(a => a.Ref).Where(matches).DefaultIfEmpty(ApfRef.None).First();
        }
    }

    internal ApfRef At(Actor actor, int vcpu, int place)
    {
        Call(actor);
        lock (Gate)
        {
            return place < _vcpus[vcpu].Queue.Count ? _vcpus[vcpu].Queue[place].Ref : ApfRef.None;
        }
    }

    internal ApfRef SetUp(Actor actor, int vcpu, Gfn gfn, Gfn prefault)
    {
        Call(actor);
        actor.NeedsLock(KvmLock.Apf, vcpu, "set-up");
        if (actor.IsPrefetching)
        {
            throw new ContractBreach(Breaches.IllegalInjection, "KVM's own fault starts an APF (rule A11)");
        }

        lock (Gate)
        {
            var v = _vcpus[vcpu];
            var token = (++v.Tokens << 12) | (uint)vcpu;
            var slot = Array.IndexOf(v.Slots, null);
            if (slot < 0)
            {
                Seen.Add("queue-full");
                return ApfRef.None;
            }

            var apf = new ContractApf(new((vcpu * _size.ApfLimit) + slot, token, gfn), prefault);
            v.Slots[slot] = apf;
            v.Queue.Add(apf);
            return apf.Ref;
        }
    }

    internal void Cancel(Actor actor, int vcpu, ApfRef reference)
    {
        Call(actor);
        actor.NeedsLock(KvmLock.Apf, vcpu, "cancellation");
        lock (Gate)
        {
            var apf = Outstanding(vcpu, reference);
            if (apf is not { Offered: false, Completed: false })
            {
                throw new ContractBreach(Breaches.UnmatchedReady,
                    $"takes back an APF for gfn {reference.Gfn} that is "
                    + $"{(apf is null ? "gone" : apf.Completed ? "completed" : "injected")}");
            }

            _vcpus[vcpu].Drop(apf);
        }
    }

    internal bool Inject(Actor actor, int vcpu, ApfRef reference)
    {
        Call(actor);
        actor.HoldsNothing("injection");
        lock (Gate)
        {
            var v = _vcpus[vcpu];
            var apf = Outstanding(vcpu, reference);
            if (apf is not { Offered: false })
            {
                throw new ContractBreach(Breaches.IllegalInjection,
                    $"not-present for an APF for gfn {reference.Gfn} that is "
                    + $"{(apf is null ? "gone" : "injected already")}");
            }

            if (!CanDo(vcpu))
            {
                throw new ContractBreach(Breaches.IllegalInjection, v.PfPending
                    ? "not-present on top of another exception" : "not-present with interrupts off");
            }

            apf.Offered = true;
            if (!CanDeliver(vcpu) || v.RefusesNext)
            {
                v.RefusesNext = false;
                v.HaltRequested = true;
                return false;
            }

            Seen.Add("apf-injected");
            if (Frames[reference.Gfn.Value].HasContent)
            {
                Seen.Add("late-apf");
            }

            return v.PfPending = apf.Injected = true;
        }
    }

    internal void Complete(Actor actor, int vcpu, ApfRef reference)
    {
        Call(actor);
        actor.NeedsLock(KvmLock.Apf, vcpu, "completion");
        lock (Gate)
        {
            var apf = Outstanding(vcpu, reference);
            if (apf is not { Completed: false })
            {
                throw new ContractBreach(Breaches.UnmatchedReady,
                    $"completes an APF for gfn {reference.Gfn} that is {(apf is null ? "gone" : "completed already")}");
            }

            apf.Completed = true;
            _vcpus[vcpu].Done.Add(apf);
            Monitor.PulseAll(Gate);
        }
    }

    internal void RequestHalt(Actor actor, int vcpu)
    {
        Call(actor);
        See("repeated-fault");
        _vcpus[vcpu].HaltRequested = true;
    }

    internal void QueueWork(Actor actor, ulong argument)
    {
        Call(actor);
        lock (Gate)
        {
            Work.Enqueue(argument);
            Monitor.PulseAll(Gate);
        }
    }

    internal void SignalVmm(Actor actor, int eventfd)
    {
        Call(actor);
        lock (Gate)
        {
            Eventfds[eventfd] = Eventfds.GetValueOrDefault(eventfd) + 1;
            Monitor.PulseAll(Gate);
        }
    }

    internal void Lock(Actor actor, KvmLock which, int vcpu)
    {
        Call(actor);
        if (actor.Locks.Contains((which, vcpu)))
        {
            throw new ContractBreach(Breaches.Locking, $"takes the {which} lock of vCPU {vcpu} twice");
        }

        if (which == KvmLock.Encoding && actor.Locks.Any(held => held.Which == KvmLock.Apf))
        {
            throw new ContractBreach(Breaches.Locking,
                "takes an Encoding lock with an Apf lock held; the order is the other");
        }

        lock (Gate)
        {
            while (!_owners.TryAdd((which, vcpu), actor))
            {
                if (Failure is { } failure)
                {
                    throw failure; // its holder does not come back
                }

                Monitor.Wait(Gate);
            }
        }

        actor.Locks.Add((which, vcpu));
    }

    internal void Unlock(Actor actor, KvmLock which, int vcpu)
    {
        actor.CountCall();
        if (!actor.Locks.Remove((which, vcpu)))
        {
            throw new ContractBreach(Breaches.Locking,
                $"releases the {which} lock of vCPU {vcpu}, which it does not hold");
        }

        lock (Gate)
        {
            _owners.Remove((which, vcpu));
            Monitor.PulseAll(Gate);
        }
    }

    private ContractApf? Outstanding(int vcpu, ApfRef reference) => _vcpus[vcpu].Queue.Find(a => a.Ref == reference);
}
