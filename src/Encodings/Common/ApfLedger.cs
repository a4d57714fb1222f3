using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>
/// What becomes of each outstanding APF, in one KVM-private word per slot. KVM's own queue does not tell whether an
/// entry is completed, so without this word a second READY would append it to the done list twice.
/// </summary>
/// <remarks>
/// The word is written together with the set-up, under the APF lock, so that a thread that finds the APF finds its
/// state. A free word found behind the lock is an APF that has just been delivered: as good as not there.
/// </remarks>
internal static class ApfLedger
{
    public const ulong Free = 0;
    public const ulong Pending = 1;
    public const ulong Accepted = 2;
    public const ulong Completed = 3;

    /// <summary>Declaration of the region.</summary>
    public static RegionSpec Spec => new("apf_state", RegionOwner.KvmPrivate, RegionScope.PerApf, 32, 1,
        "0 free, 1 pending, 2 accepted, 3 completed; written under the APF lock.")
    {
        Holds = WordKind.Number,
        Restore = "not needed: restoring MSR_KVM_ASYNC_PF_EN wakes every waiting task, and each faults again",
    };

    /// <summary>Queues an APF and gives it a state, in one step as seen from other threads.</summary>
    /// <returns>None if the queue is full.</returns>
    public static ApfRef SetUp<TKvm>(TKvm kvm, Region states, int vcpu, Gfn gfn, ulong state = Pending)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        ApfRef apf = SetUpLocked(kvm, states, vcpu, gfn, state);
        kvm.Unlock(KvmLock.Apf, vcpu);
        return apf;
    }

    /// <summary>The same under the lock that the caller holds.</summary>
    public static ApfRef SetUpLocked<TKvm>(TKvm kvm, Region states, int vcpu, Gfn gfn, ulong state = Pending)
        where TKvm : struct, IKvm
    {
        ApfRef apf = kvm.SetUpApf(vcpu, gfn, gfn);
        if (apf.Exists)
        {
            kvm.Store(states, states.At(apf.Slot), state);
        }

        return apf;
    }

    /// <summary>READY for a frame: finds its APF and completes it once.</summary>
    /// <returns>None, ENOENT or EALREADY.</returns>
    public static Errno Ready<TKvm>(TKvm kvm, Region states, int vcpu, Gfn gfn)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        Errno result = CompleteLocked(kvm, states, vcpu, kvm.FindApf(vcpu, gfn));
        kvm.Unlock(KvmLock.Apf, vcpu);
        return result;
    }

    /// <summary>Completes an APF that was found under the lock the caller holds.</summary>
    public static Errno CompleteLocked<TKvm>(TKvm kvm, Region states, int vcpu, ApfRef apf)
        where TKvm : struct, IKvm
    {
        if (!apf.Exists)
        {
            return Errno.NoEntry;
        }

        ulong state = kvm.Load(states, states.At(apf.Slot));
        if (state == Completed)
        {
            return Errno.Already;
        }

        if (state == Free)
        {
            return Errno.NoEntry;
        }

        kvm.Store(states, states.At(apf.Slot), Completed);
        kvm.CompleteApf(vcpu, apf);
        return Errno.None;
    }

    /// <summary>Whether a READY has completed the vCPU's own APF.</summary>
    public static bool IsCompleted<TKvm>(TKvm kvm, Region states, int vcpu, ApfRef apf)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        bool completed = kvm.Load(states, states.At(apf.Slot)) == Completed;
        kvm.Unlock(KvmLock.Apf, vcpu);
        return completed;
    }

    /// <summary>Takes back an APF that was not injected. Too late if a READY completed it meanwhile: it is on the done
    /// list then, and its delivery frees it.</summary>
    /// <returns>Whether it was taken back.</returns>
    public static bool Withdraw<TKvm>(TKvm kvm, Region states, int vcpu, ApfRef apf)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        bool outstanding = kvm.Load(states, states.At(apf.Slot)) != Completed;
        if (outstanding)
        {
            kvm.Store(states, states.At(apf.Slot), Free);
            kvm.CancelApf(vcpu, apf);
        }

        kvm.Unlock(KvmLock.Apf, vcpu);
        return outstanding;
    }

    /// <summary>The APF was delivered. Needs no lock: it cannot be found any more, and only this thread, the vCPU's,
    /// can give the slot to another.</summary>
    public static void Forget<TKvm>(TKvm kvm, Region states, ApfRef apf)
        where TKvm : struct, IKvm =>
        kvm.Store(states, states.At(apf.Slot), Free);

    /// <summary>Every queued APF is about to be dropped; the caller holds the lock.</summary>
    public static void ForgetAllLocked<TKvm>(TKvm kvm, Region states, int vcpu)
        where TKvm : struct, IKvm
    {
        for (int place = 0; place < kvm.ApfLimit; place++)
        {
            ApfRef apf = kvm.ApfAt(vcpu, place);
            if (!apf.Exists)
            {
                return;
            }

            kvm.Store(states, states.At(apf.Slot), Free);
        }
    }
}
