using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>What the families with a READY for a frame (not for a token) keep of each APF, and what READY does with
/// it.</summary>
internal static class FrameApf
{
    /// <summary>The one ioctl of these families; its second word says which operation.</summary>
    public const uint Ioctl = 0xd6;

    public const ulong Accept = 1;
    public const ulong Ready = 2;

    /// <summary>Not accepted, not completed: where there is ACCEPT, the next KVM_RUN completes it.</summary>
    public const ulong Pending = 1;
    public const ulong Accepted = 2;
    public const ulong Completed = 3;
    private const ulong Free = 0;

    public static RegionSpec Spec => new("apf_state", RegionOwner.KvmPrivate, RegionScope.PerApf, 32, 1,
        "0 free, 1 pending, 2 accepted, 3 completed; written under the APF lock.")
    { Holds = WordKind.Number };

    public static IoctlSpec IoctlSpec => new("TEST_APF", Ioctl, "W", "test_apf", TakesVcpuMutex: false,
        [(Errno.Invalid, "unknown operation"), (Errno.NoEntry, "no APF for the frame"),
            (Errno.Already, "completed already")],
        "Operation 1 accepts the APF of a frame, 2 completes it.");

    public static StructSpec Struct => new("test_apf", [new("gpa", "__u64", 0), new("op", "__u64", 8)], 16);

    public static IoctlArgument Argument(ulong gpa, ulong operation) => new(gpa, operation);

    public static ApfRef SetUp<TKvm>(TKvm kvm, Region states, int vcpu, Gfn gfn, ulong state)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        ApfRef apf = SetUpLocked(kvm, states, vcpu, gfn, state);
        kvm.Unlock(KvmLock.Apf, vcpu);
        return apf;
    }

    public static ApfRef SetUpLocked<TKvm>(TKvm kvm, Region states, int vcpu, Gfn gfn, ulong state)
        where TKvm : struct, IKvm
    {
        ApfRef apf = kvm.SetUpApf(vcpu, gfn, gfn);
        if (apf.Exists)
        {
            kvm.Store(states, states.At(apf.Slot), state);
        }

        return apf;
    }

    /// <summary>READY: any thread.</summary>
    public static Errno Complete<TKvm>(TKvm kvm, Region states, int vcpu, Gfn gfn)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        Errno result = CompleteLocked(kvm, states, vcpu, kvm.FindApf(vcpu, gfn));
        kvm.Unlock(KvmLock.Apf, vcpu);
        return result;
    }

    public static Errno CompleteLocked<TKvm>(TKvm kvm, Region states, int vcpu, ApfRef apf)
        where TKvm : struct, IKvm
    {
        ulong state = apf.Exists ? kvm.Load(states, states.At(apf.Slot)) : Free;
        if (state is not (Pending or Accepted))
        {
            return state == Free ? Errno.NoEntry : Errno.Already;
        }

        kvm.Store(states, states.At(apf.Slot), Completed);
        kvm.CompleteApf(vcpu, apf);
        return Errno.None;
    }

    /// <summary>ACCEPT of what is accepted or completed changes nothing.</summary>
    public static Errno AcceptOne<TKvm>(TKvm kvm, Region states, int vcpu, Gfn gfn)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        ApfRef apf = kvm.FindApf(vcpu, gfn);
        ulong state = apf.Exists ? kvm.Load(states, states.At(apf.Slot)) : Free;
        if (state == Pending)
        {
            kvm.Store(states, states.At(apf.Slot), Accepted);
        }

        kvm.Unlock(KvmLock.Apf, vcpu);
        return state == Free ? Errno.NoEntry : Errno.None;
    }

    /// <summary>Takes an APF back that was not injected, unless a READY was faster.</summary>
    public static void Withdraw<TKvm>(TKvm kvm, Region states, int vcpu, ApfRef apf)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        if (kvm.Load(states, states.At(apf.Slot)) != Completed)
        {
            kvm.Store(states, states.At(apf.Slot), Free);
            kvm.CancelApf(vcpu, apf);
        }

        kvm.Unlock(KvmLock.Apf, vcpu);
    }

    /// <summary>The APF was delivered.</summary>
    public static void Forget<TKvm>(TKvm kvm, Region states, ApfRef apf)
        where TKvm : struct, IKvm =>
        kvm.Store(states, states.At(apf.Slot), Free);

    /// <summary>The vCPU's queue is about to be dropped.</summary>
    public static void ForgetAll<TKvm>(TKvm kvm, Region states, int vcpu)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        for (int place = 0; place < kvm.ApfLimit; place++)
        {
            ApfRef apf = kvm.ApfAt(vcpu, place);
            if (!apf.Exists)
            {
                break;
            }

            kvm.Store(states, states.At(apf.Slot), Free);
        }

        kvm.Unlock(KvmLock.Apf, vcpu);
    }
}
