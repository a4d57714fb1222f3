using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>An APF that was injected and waits for userspace's word: what ACCEPT, READY and coming back without either
/// do. Shared by inject=at-fault and by the rings built on it.</summary>
internal static class PendingApfs
{
    private const int AutoCompletedEvent = 0;

    /// <summary>The first of the own events of those who use it.</summary>
    public static OwnEventSpec AutoCompleted { get; } = new("autoCompleted",
        "APFs that KVM completes at KVM_RUN, as userspace neither accepted them nor sent READY.");

    /// <summary>KVM_RUN with pending APFs: userspace has resolved them.</summary>
    public static void CompleteAll<TKvm>(TKvm kvm, int vcpu)
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

            if (StateOf(kvm, apf) == ApfLedger.Pending)
            {
                kvm.Count(AutoCompletedEvent);
                ApfLedger.CompleteLocked(kvm, AsyncHintLayout.ApfState, vcpu, apf);
            }
        }

        kvm.Unlock(KvmLock.Apf, vcpu);
    }

    /// <summary>KVM_ASYNC_PF.</summary>
    public static Errno Answer<TKvm>(TKvm kvm, IoctlCall call)
        where TKvm : struct, IKvm
    {
        if (!AsyncPfRequest.TryParse(call.Argument, out Gfn gfn, out uint op))
        {
            return Errno.Invalid;
        }

        return op switch
        {
            AsyncHintLayout.Accept => Accept(kvm, call.Vcpu, gfn),
            AsyncHintLayout.Ready => HintQueue.Ready(kvm, call.Vcpu, gfn),
            _ => Errno.Invalid,
        };
    }

    /// <summary>Accepting what is accepted or completed already succeeds and does nothing.</summary>
    private static Errno Accept<TKvm>(TKvm kvm, int vcpu, Gfn gfn)
        where TKvm : struct, IKvm
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        ApfRef apf = kvm.FindApf(vcpu, gfn);
        ulong state = apf.Exists ? StateOf(kvm, apf) : ApfLedger.Free;
        if (state == ApfLedger.Pending)
        {
            kvm.Store(AsyncHintLayout.ApfState, AsyncHintLayout.ApfState.At(apf.Slot), ApfLedger.Accepted);
        }

        kvm.Unlock(KvmLock.Apf, vcpu);
        return state == ApfLedger.Free ? Errno.NoEntry : Errno.None;
    }

    private static ulong StateOf<TKvm>(TKvm kvm, ApfRef apf)
        where TKvm : struct, IKvm =>
        kvm.Load(AsyncHintLayout.ApfState, AsyncHintLayout.ApfState.At(apf.Slot));
}
