using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Conformance;

/// <summary>What of a vCPU's machine its future depends on, in words: registers, the APF queue in order, and the
/// encoding's words for what is outstanding. Left out is what no rule reads again: free slots, marks of frames that are
/// written before they are next read, the order of free lists.</summary>
internal static class VcpuSignature
{
    public static void Write(List<ulong> words, Machine machine, FrameTable frames)
    {
        ref var v = ref machine.Vcpus[0];
        words.Clear();
        words.Add(((ulong)v.TokenCounter << 32) | v.SharedToken);
        words.Add(v.PfPending ? v.PfToken | (1UL << 32) : 0);
        words.Add(Flags(v.ApfEnabled, v.PageReadyPending, v.RequestReady, v.RequestHalt, v.ApfHalted, v.GuestHlt,
            v.IrqPending, machine.IsRunnable(0), machine.Vcpus[0].Kicked));
        words.Add((ulong)v.Step);
        words.Add(v.Step is VcpuStep.RunReturn or VcpuStep.VmmExit ? v.ExitFlags : 0);
        words.Add(v.Step is VcpuStep.FaultCheck or VcpuStep.FaultLookup or VcpuStep.FaultAsync or VcpuStep.LookupSleep
            ? frames[v.FaultGfn] : 0);
        for (var place = 0; machine.Apf.At(0, place) is var slot and >= 0; place++)
        {
            Item(words, machine, frames, slot);
        }

        for (var place = 0; place < v.DoneCount; place++)
        {
            words.Add(machine.Apf.Item(machine.Apf.DoneRing[(v.DoneHead + place) % machine.Apf.DonePerVcpu]).Token);
        }

        foreach (var region in machine.Regions.Where(r => r.Spec.Scope is RegionScope.PerVcpu or RegionScope.PerVm))
        {
            for (ulong word = 0; word < region.Words; word++)
            {
                words.Add(region.Read(word));
            }
        }
    }

    private static void Item(List<ulong> words, Machine machine, FrameTable frames, int slot)
    {
        ref var item = ref machine.Apf.Item(slot);
        words.Add(((ulong)item.Token << 32) | (uint)item.Status | Flags(item.Injected, item.WakeAll) << 8);
        words.Add(item.WakeAll ? 0 : frames[item.Gfn]);
        foreach (var region in machine.Regions.Where(r => r.Spec.Scope == RegionScope.PerApf))
        {
            for (var word = 0; word < region.Spec.Count; word++)
            {
                words.Add(region.Read((ulong)((slot * region.Spec.Count) + word)));
            }
        }
    }

    private static ulong Flags(params ReadOnlySpan<bool> flags)
    {
        ulong bits = 0;
        foreach (var flag in flags)
        {
            bits = (bits << 1) | (flag ? 1UL : 0);
        }

        return bits;
    }
}
