using UapiLab.Abstractions;

namespace UapiLab.Plugins.C;

/// <summary>Calls of both halves.</summary>
internal static unsafe class MemoryCalls
{
    /// <returns>False: it is no call about memory.</returns>
    public static bool TryDo<TWorld>(TWorld world, CCode code, NativeRun* run, ulong* answer)
        where TWorld : struct, IMemory
    {
        var a = run->Argument;
        switch (run->Place->Call)
        {
            case CCall.Load:
                answer[0] = world.Load(code.Region(run, a[0]), a[1], Order(a[2]));
                return true;
            case CCall.GetUser:
                answer[0] = world.TryLoad(code.Region(run, a[0]), a[1], out var value, Order(a[2])) ? 1UL : 0;
                answer[1] = value;
                return true;
            case CCall.Store:
                world.Store(code.Region(run, a[0]), a[1], a[2], Order(a[3]));
                return true;
            case CCall.Exchange:
                answer[0] = world.Exchange(code.Region(run, a[0]), a[1], a[2], Order(a[3]));
                return true;
            case CCall.CompareExchange:
                answer[0] = world.CompareExchange(code.Region(run, a[0]), a[1], a[2], a[3], Order(a[4]));
                return true;
            case CCall.And:
                answer[0] = world.FetchAnd(code.Region(run, a[0]), a[1], a[2], Order(a[3]));
                return true;
            case CCall.Or:
                answer[0] = world.FetchOr(code.Region(run, a[0]), a[1], a[2], Order(a[3]));
                return true;
            case CCall.Add:
                answer[0] = world.FetchAdd(code.Region(run, a[0]), a[1], a[2], Order(a[3]));
                return true;
            case CCall.Fence:
                world.Fence();
                return true;
            case CCall.Fill:
                world.Fill(code.Region(run, a[0]), a[1], a[2], a[3]);
                return true;
            case CCall.Count:
                world.Count(code.OwnEvent(run, a[0]));
                return true;
            case CCall.Checkpoint:
                answer[0] = a[2];
                answer[1] = a[3];
                Checkpoint(world, run, answer);
                return true;
            default:
                return false;
        }
    }

    private static MemoryOrder Order(ulong word) => (MemoryOrder)Words.Byte(word);

    private static void Checkpoint<TWorld>(TWorld world, NativeRun* run, ulong* live)
        where TWorld : struct, IMemory
    {
        var (label, line) = (Words.Int(run->Argument[0]), Words.Int(run->Place->Line));
        switch (run->Argument[1])
        {
            case 0:
                world.Checkpoint(label, line);
                break;
            case 1:
                world.Checkpoint(label, ref live[0], line);
                break;
            default:
                world.Checkpoint(label, ref live[0], ref live[1], line);
                break;
        }
    }

    /// <summary>A call of the other half.</summary>
    public static Exception Foreign(NativeRun* run, string half) =>
        new HalfInCException($"{half} half may not call {run->Place->Call}", CPlace.Text(run->Place)!);
}

/// <summary>Calls of KVM's half.</summary>
internal readonly unsafe struct KvmCalls<TKvm> : ICalls<TKvm>
    where TKvm : struct, IKvm
{
    public static void Do(TKvm kvm, CCode code, NativeRun* run, ulong* answer)
    {
        if (MemoryCalls.TryDo(kvm, code, run, answer))
        {
            return;
        }

        var a = run->Argument;
        var vcpu = Words.Int(a[0]);
        switch (run->Place->Call)
        {
            case CCall.ApfLimit:
                answer[0] = Words.Of(kvm.ApfLimit);
                break;
            case CCall.CanDoApf:
                answer[0] = kvm.CanDoApf(vcpu) ? 1UL : 0;
                break;
            case CCall.CanDeliverApf:
                answer[0] = kvm.CanDeliverApf(vcpu) ? 1UL : 0;
                break;
            case CCall.FindApf:
                Write(kvm.FindApf(vcpu, new(a[1])), answer);
                break;
            case CCall.FindApfByToken:
                Write(kvm.FindApfByToken(vcpu, Words.UInt(a[1])), answer);
                break;
            case CCall.ApfAt:
                Write(kvm.ApfAt(vcpu, Words.Int(a[1])), answer);
                break;
            case CCall.SetUpApf:
                Write(kvm.SetUpApf(vcpu, new(a[1]), new(a[2])), answer);
                break;
            case CCall.CancelApf:
                kvm.CancelApf(vcpu, Read(a + 1));
                break;
            case CCall.InjectNotPresent:
                answer[0] = kvm.InjectNotPresent(vcpu, Read(a + 1)) ? 1UL : 0;
                break;
            case CCall.CompleteApf:
                kvm.CompleteApf(vcpu, Read(a + 1));
                break;
            case CCall.RequestHalt:
                kvm.RequestHalt(vcpu);
                break;
            case CCall.Kick:
                kvm.Kick(vcpu);
                break;
            case CCall.QueueWork:
                kvm.QueueWork(a[0]);
                break;
            case CCall.KvmSignalEventfd:
                kvm.SignalEventfd(Words.Int(a[0]));
                break;
            case CCall.Lock:
                kvm.Lock(code.Lock(run, a[0]), Words.Int(a[1]));
                break;
            case CCall.Unlock:
                kvm.Unlock(code.Lock(run, a[0]), Words.Int(a[1]));
                break;
            default:
                throw MemoryCalls.Foreign(run, "KVM's");
        }
    }

    private static void Write(ApfRef apf, ulong* answer)
    {
        answer[0] = Words.Of(apf.Slot);
        answer[1] = apf.Token;
        answer[2] = apf.Gfn.Value;
    }

    private static ApfRef Read(ulong* a) => new(Words.Int(a[0]), Words.UInt(a[1]), new(a[2]));
}

/// <summary>Calls of the VMM's half.</summary>
internal readonly unsafe struct VmmCalls<TVmm> : ICalls<TVmm>
    where TVmm : struct, IVmm
{
    public static void Do(TVmm vmm, CCode code, NativeRun* run, ulong* answer)
    {
        if (MemoryCalls.TryDo(vmm, code, run, answer))
        {
            return;
        }

        var a = run->Argument;
        switch (run->Place->Call)
        {
            case CCall.Ioctl:
                answer[0] = Words.Of(vmm.Ioctl(Words.Int(a[0] >> 32), Words.UInt(a[0]),
                    new(a[1], a[2], a[3], a[4])));
                break;
            case CCall.AddWaiter:
                answer[0] = vmm.AddWaiter(new(a[0]), new(Words.Int(a[1]), a[2])) ? 1UL : 0;
                break;
            case CCall.TakeWaiter:
                answer[0] = vmm.TakeWaiter(new(a[0]), out var waiter) ? 1UL : 0;
                answer[1] = Words.Of(waiter.Vcpu);
                answer[2] = waiter.Cookie;
                break;
            case CCall.ReportFault:
                vmm.ReportFault(Words.Int(a[0]), new(a[1]));
                break;
            case CCall.WriteSeen:
                vmm.WriteSeen(new(a[0]));
                break;
            case CCall.VmmSignalEventfd:
                vmm.SignalEventfd(Words.Int(a[0]));
                break;
            case CCall.ReadEventfd:
                answer[0] = vmm.ReadEventfd(Words.Int(a[0]));
                break;
            case CCall.UpdateMemslot:
                answer[0] = Words.Of(vmm.UpdateMemslot(a[0] != 0));
                break;
            default:
                throw MemoryCalls.Foreign(run, "the VMM's");
        }
    }
}
