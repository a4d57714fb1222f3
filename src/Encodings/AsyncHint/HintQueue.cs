using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>What both variants do with KVM's queue: READY, and its drop with EBUSY while it lasts.</summary>
internal static class HintQueue
{
    /// <summary>READY: any thread, no vCPU mutex. It looks neither at the bitmap nor at the page.</summary>
    public static Errno Ready<TKvm>(TKvm kvm, int vcpu, Gfn gfn)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        Errno result = ReadyLocked(kvm, vcpu, gfn);
        kvm.Unlock(KvmLock.Apf, vcpu);
        return result;
    }

    /// <summary>The same under the lock that the caller holds.</summary>
    public static Errno ReadyLocked<TKvm>(TKvm kvm, int vcpu, Gfn gfn)
        where TKvm : struct, IKvm =>
        kvm.Load(AsyncHintLayout.Clearing, AsyncHintLayout.Clearing.At(vcpu)) != 0
            ? Errno.Busy
            : ApfLedger.CompleteLocked(kvm, AsyncHintLayout.ApfState, vcpu, kvm.FindApf(vcpu, gfn));

    public static void BeginClearing<TKvm>(TKvm kvm, int vcpu)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        kvm.Store(AsyncHintLayout.Clearing, AsyncHintLayout.Clearing.At(vcpu), 1);
        ApfLedger.ForgetAllLocked(kvm, AsyncHintLayout.ApfState, vcpu);
        kvm.Unlock(KvmLock.Apf, vcpu);
    }

    public static void EndClearing<TKvm>(TKvm kvm, int vcpu)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        kvm.Store(AsyncHintLayout.Clearing, AsyncHintLayout.Clearing.At(vcpu), 0);
        kvm.Unlock(KvmLock.Apf, vcpu);
    }
}
