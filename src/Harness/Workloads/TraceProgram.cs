using UapiLab.Harness.Machines;
using UapiLab.Harness.Traces;

namespace UapiLab.Harness.Workloads;

/// <summary>Task 0 of each vCPU replays its trace; the others compute as long as that trace thinks in all.</summary>
internal sealed class TraceProgram(AccessTrace trace, int background) : IGuestProgram
{
    private const long ComputeChunkNs = 1_000_000;

    private readonly int _tasksPerVcpu = 1 + background;
    private readonly long[] _thinkNs = trace.Vcpus.Select(v => v.Accesses.Sum(a => a.ThinkNs) + v.TailThinkNs).ToArray();

    public bool TryStep(int task, long index, out GuestStep step)
    {
        var vcpu = task / _tasksPerVcpu;
        if (task % _tasksPerVcpu != 0)
        {
            var left = _thinkNs[vcpu] - (index * ComputeChunkNs);
            step = new(Math.Min(left, ComputeChunkNs), 0, GuestStepFlags.NoAccess);
            return left > 0;
        }

        var (_, accesses, tail) = trace.Vcpus[vcpu];
        if (index >= accesses.Length)
        {
            step = new(tail, 0, GuestStepFlags.NoAccess);
            return index == accesses.Length && tail > 0;
        }

        ref readonly var access = ref accesses[index];
        var flags = (access.Flags & TraceAccessFlags.Write) != 0 ? GuestStepFlags.Write : GuestStepFlags.None;
        flags |= (access.Flags & TraceAccessFlags.Kernel) != 0 ? GuestStepFlags.Kernel : GuestStepFlags.None;
        step = new(access.ThinkNs, (ulong)access.Gfn, flags);
        return true;
    }
}
