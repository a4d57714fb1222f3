using UapiLab.Harness.Determinism;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Workloads;

/// <summary>Memory tasks walk their frames in order; computing tasks compute in chunks.</summary>
internal sealed class SyntheticProgram(SyntheticParameters p, ulong seed) : IGuestProgram
{
    private const uint ThinkStream = 100, KindStream = 101;
    private const long ComputeChunkNs = 1_000_000;

    private readonly long cpuTaskNs = p.CpuTaskNs;
    private readonly int tasksPerVcpu = p.MemoryTasks + p.CpuTasks;

    public bool TryStep(int task, long index, out GuestStep step)
    {
        var vcpu = task / tasksPerVcpu;
        var local = task % tasksPerVcpu;
        step = default;
        if (local >= p.MemoryTasks)
        {
            var left = cpuTaskNs - (index * ComputeChunkNs);
            step = new(Math.Min(left, ComputeChunkNs), 0, GuestStepFlags.NoAccess);
            return left > 0;
        }

        if (index >= p.Pages * p.Passes)
        {
            return false;
        }

        var walker = p.Shared ? local : (vcpu * p.MemoryTasks) + local;
        var page = p.Shared ? (index + (vcpu * p.Pages / p.Vcpus)) % p.Pages : index % p.Pages;
        var key = ((ulong)task << 40) | (ulong)index;
        var think = p.Think.Sample(CounterRandom.At(seed, ThinkStream, key));
        var word = CounterRandom.At(seed, KindStream, key);
        var flags = GuestStepFlags.None;
        flags |= CounterRandom.Permille(word, p.WritePermille) ? GuestStepFlags.Write : 0;
        flags |= CounterRandom.Permille(SplitMix64.Mix(word + 1), p.Cpl0Permille) ? GuestStepFlags.Kernel : 0;
        flags |= CounterRandom.Permille(SplitMix64.Mix(word + 2), p.CliPermille) ? GuestStepFlags.InterruptsOff : 0;
        step = new(think, (ulong)((walker * p.Pages) + page), flags);
        return true;
    }
}
